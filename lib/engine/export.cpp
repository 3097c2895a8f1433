#include "engine/export.hpp"

#include "engine/exchange/formats.hpp"
#include "engine/exchange/onnx_writer.hpp"
#include "engine/export_check.hpp"
#include "engine/torch.hpp"
#include "engine/train/outputs.hpp"
#include "engine/train/words.hpp"
#include "engine/use/model.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"

namespace amltrain::engine {
namespace {

// Of the logits' size. Sums in another order differ by some 1e-6 of it, a wrong graph by all of it.
constexpr double kTolerance = 1e-4;

/// Labels that were not asked for but lie beside the model are used when they fit.
std::vector<std::string> find_labels(const ExportOptions& options, std::int64_t classes, const Say& say) {
  if (!options.labels.empty()) return read_labels(options.labels, classes);
  const std::filesystem::path beside = options.model.parent_path() / "labels.json";
  if (!std::filesystem::exists(beside)) return {};
  try {
    return read_labels(beside, classes);
  } catch (const Error& problem) {
    say(std::string("labels left out: ") + problem.what());
    return {};
  }
}

void check(const ExportOptions& options, const StateDict& state, const OnnxMetadata& metadata,
           ExportReport& report) {
  const std::int64_t classes = state.find("fc.weight")->size(0);
  ResNet model(find_resnet_spec(report.arch), classes, 0);
  load_state(model, state, options.model.string(), Head::load);
  const ExportCheck result = check_export(options.target, model, metadata, options.check_data);
  report.checked = true;
  report.images_checked = result.images;
  report.largest_difference = result.largest_difference;
  if (!(result.largest_difference <= kTolerance * std::max(1.0, result.largest_logit)))
    throw Error(category::run_failed,
                options.target.string() +
                    words(": its logits differ from the engine's by up to %g", result.largest_difference),
                "don't use the file; it is left there to be looked at");
}

}  // namespace

ExportReport export_onnx(const ExportOptions& options, const Say& say) {
  const StateDict state = read_weights(options.model);
  const ResNetSpec spec = infer_spec(state, options.model.string());
  const ViewSize view = trained_view(options.model);
  const OnnxMetadata metadata = {.labels = find_labels(options, state.find("fc.weight")->size(0), say),
                                 .image_size = view.image,
                                 .resize_size = view.resize};
  write_onnx(options.target, state, spec, metadata, options.fold_batch_norm,
             options.overwrite ? AtomicFile::existing::replace : AtomicFile::existing::refuse);
  ExportReport report;
  report.arch = spec.name;
  report.labels = metadata.labels;
  report.bytes = std::filesystem::file_size(options.target);
  report.sha256 = sha256_of_file(options.target);
  report.opset = onnx_opset;
  if (options.check) check(options, state, metadata, report);
  return report;
}

}  // namespace amltrain::engine
