#include "engine/train/outputs.hpp"

#include "engine/exchange/formats.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain::engine {
namespace {
constexpr const char* kLabelsSchema = "amltrain.labels/1";
}

void write_outputs(const std::filesystem::path& folder, const StateDict& state,
                   const std::vector<std::string>& labels, const json& report) {
  create_folders(folder);
  write_pth(folder / "model.pt", state);
  const json document = {{"schema", kLabelsSchema}, {"labels", labels}};
  publish_file(folder / "labels.json", document.dump(2) + "\n");
  publish_file(folder / "report.json", report.dump(2) + "\n");
}

std::vector<std::string> read_labels(const std::filesystem::path& file, std::int64_t classes) {
  const auto labels = field<std::vector<std::string>>(read_document(file, kLabelsSchema), "labels");
  if (static_cast<std::int64_t>(labels.size()) != classes)
    throw Error(category::bad_input,
                file.string() + ": holds " + std::to_string(labels.size()) + " labels, the model has " +
                    std::to_string(classes) + " classes",
                "give the labels.json that was written beside the model");
  return labels;
}

}  // namespace amltrain::engine
