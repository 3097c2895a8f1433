#include "model_view.hpp"

#include "support/text.hpp"
#include "table.hpp"

namespace amltrain::cli {

void show_model(const Context& context, const ModelVersion& model) {
  context.print(model, [&](std::ostream& out) {
    Fields fields;
    fields.add("Model", model.name);
    fields.add("Version", std::to_string(model.version));
    fields.add("Run", model.run);
    fields.add("Experiment", model.experiment);
    fields.add("Data", model.data ? model.data->name + " " + model.data->fingerprint : "");
    fields.add("Labels", join(model.labels, ", "));
    for (const auto& [key, value] : model.tags) fields.add("Tag", key + "=" + value);
    const char* title = "Files";
    for (const HashedFile& file : model.files) {
      fields.add(title, file.path + " (" + human_bytes(file.bytes) + ", " + file.sha256.substr(0, 12) + ")");
      title = "";
    }
    fields.add("Created", to_iso8601(model.created_at));
    fields.print(out);
  });
}

ModelVersion find_model(const Workspace& workspace, const std::string& name) {
  const auto reference = parse_model_reference(name);
  if (!reference) {
    throw Error(category::bad_input, "'" + name + "' names no model", "write NAME, or NAME:VERSION");
  }
  return read_model(workspace, *reference);
}

}  // namespace amltrain::cli
