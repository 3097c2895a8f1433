// export-onnx
#include "../table.hpp"
#include "commands.hpp"
#include "engine/api.hpp"
#include "registry/locate_model.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

struct OnnxOptions {
  std::string source, labels, target, data;
  bool check = false, fold = false, force = false;
};

engine::ExportOptions resolve(Context& context, const OnnxOptions& chosen) {
  engine::ExportOptions options;
  options.labels = chosen.labels;
  options.target = chosen.target;
  options.fold_batch_norm = chosen.fold;
  options.overwrite = chosen.force;
  options.check = chosen.check;
  options.check_data = chosen.data;
  const LocatedModel model = locate_model(chosen.source, context.workspace_if_any());
  options.model = model.weights;
  if (chosen.data.empty() && model.data && std::filesystem::is_directory(model.data->folder)) {
    options.check_data = model.data->folder;
  }
  return options;
}

void export_onnx(Context& context, const OnnxOptions& chosen) {
  const engine::ExportOptions options = resolve(context, chosen);
  const engine::ExportReport report =
      engine::open_engine().export_onnx(options, [&](const std::string& line) { context.notice(line); });
  json document = {{"schema", "amltrain.onnx-export/1"},
                   {"path", options.target.string()},
                   {"bytes", report.bytes},
                   {"sha256", report.sha256},
                   {"arch", report.arch},
                   {"labels", report.labels},
                   {"opset", report.opset}};
  if (report.checked) {
    document["check"] = {{"images", report.images_checked},
                         {"largest_difference", report.largest_difference}};
  }
  context.print(document, [&](std::ostream& out) {
    Fields fields;
    fields.add("Written", options.target.string() + " (" + human_bytes(report.bytes) + ")");
    fields.add("SHA-256", report.sha256);
    fields.add("Arch", report.arch);
    fields.add("Labels", join(report.labels, ", "));
    fields.add("Opset", std::to_string(report.opset));
    if (report.checked) {
      fields.add("Check", "largest difference of the logits " + short_number(report.largest_difference) +
                              " on " + std::to_string(report.images_checked) + " images");
    }
    fields.print(out);
  });
}

}  // namespace

void add_export_onnx(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("export-onnx",
                                         "Write the ONNX file of a run's or model's weights, or of a file.");
  auto& options = options_of<OnnxOptions>(
      *command, [&context](const OnnxOptions& chosen) { export_onnx(context, chosen); });
  command
      ->add_option("RUN|MODEL|FILE", options.source,
                   "Run id, MODEL, MODEL:VERSION, a .pt, .pth, .safetensors file, or a folder that holds one")
      ->required();
  command->add_option("--to", options.target, "File to write")->type_name("FILE")->required();
  command->add_option("--labels", options.labels, "labels.json; default: the one beside the weights")
      ->type_name("FILE");
  command->add_flag("--check", options.check,
                    "Read the file back, evaluate it on images, and compare with the engine");
  command
      ->add_option("--data", options.data, "Image folder for --check; default: the run's, else drawn images")
      ->type_name("FOLDER");
  command->add_flag("--fold-bn", options.fold, "Fold batch normalisation into the convolutions");
  command->add_flag("--force", options.force, "Overwrite the file");
  command->footer("Example: amltrain export-onnx pt-dnn --to model.onnx --check");
}

}  // namespace amltrain::cli
