// evaluate
#include "../checks.hpp"
#include "../evaluation_view.hpp"
#include "../model_use_options.hpp"
#include "commands.hpp"
#include "dataset/locate.hpp"
#include "registry/locate_model.hpp"

namespace amltrain::cli {
namespace {

struct EvaluationOptions {
  std::string source, data, split = "val";
  ModelUseOptions use;
};

void evaluate(const Context& context, const EvaluationOptions& chosen) {
  const LocatedModel model = locate_model(chosen.source, context.workspace_if_any());
  engine::EvaluateOptions options;
  options.use = chosen.use.with(model.weights);
  options.title = model.title;
  options.data = find_data_folder(context.workspace_if_any(), chosen.data);
  options.split = chosen.split;
  show_evaluation(context, engine::open_engine().evaluate(
                               options, [&](const std::string& line) { context.notice(line); }));
}

}  // namespace

void add_evaluate(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "evaluate", "Measure a model on labelled images: accuracy, loss, each class, calibration.");
  auto& options = options_of<EvaluationOptions>(
      *command, [&context](const EvaluationOptions& chosen) { evaluate(context, chosen); });
  command
      ->add_option("RUN|MODEL", options.source,
                   "Run id, MODEL, MODEL:VERSION, or a weights file or folder with its labels.json")
      ->required();
  command->add_option("--data", options.data, "Folder with val/CLASS/* or CLASS/*, or data of the workspace")
      ->type_name("NAME|FOLDER")
      ->required();
  one_of(command->add_option("--split", options.split, "Which half of the data"), {"val", "train"});
  options.use.declare(*command);
  command->footer("Example: amltrain evaluate pt-dnn --data bees");
}

}  // namespace amltrain::cli
