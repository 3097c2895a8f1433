// predict
#include "../checks.hpp"
#include "../model_use_options.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "registry/locate_model.hpp"

namespace amltrain::cli {
namespace {

struct PredictionOptions {
  std::string source;
  std::vector<std::string> inputs;
  int top = 1;
  ModelUseOptions use;
};

json line_of(const engine::Prediction& prediction) {
  json top = json::array();
  for (const auto& one : prediction.top)
    top.push_back({{"label", one.label}, {"probability", one.probability}});
  const json best = top.front();
  return {{"file", prediction.file},
          {"label", best.at("label")},
          {"probability", best.at("probability")},
          {"top", std::move(top)}};
}

void show(const Context& context, const engine::Prediction& prediction) {
  if (!prediction.problem.empty()) {
    if (context.json_output())
      context.print_line({{"file", prediction.file}, {"error", prediction.problem}});
    else
      context.report("bad_input", prediction.problem, "");
    return;
  }
  if (context.json_output()) return context.print_line(line_of(prediction));
  context.out() << prediction.file;
  for (const auto& one : prediction.top)
    context.out() << '\t' << one.label << '\t' << short_number(one.probability);
  context.out() << '\n' << std::flush;
}

void predict(const Context& context, const PredictionOptions& chosen) {
  engine::PredictOptions options;
  options.use = chosen.use.with(locate_model(chosen.source, context.workspace_if_any()).weights);
  options.inputs.assign(chosen.inputs.begin(), chosen.inputs.end());
  options.top = chosen.top;
  std::size_t files = 0, unreadable = 0;
  engine::open_engine().predict(options, [&](const engine::Prediction& prediction) {
    ++files;
    unreadable += !prediction.problem.empty();
    show(context, prediction);
  });
  if (unreadable > 0)
    throw Error(category::bad_input,
                std::to_string(unreadable) + " of " + std::to_string(files) + " files can't be read",
                "they are named above; the others were predicted");
}

}  // namespace

void add_predict(CLI::App& program, Context& context) {
  auto* command =
      program.add_subcommand("predict", "Say what a model sees in images: label and probability.");
  auto& options = options_of<PredictionOptions>(
      *command, [&context](const PredictionOptions& chosen) { predict(context, chosen); });
  command->add_option("MODEL", options.source, "Model, run, or a weights file or folder with its labels.json")
      ->required();
  command->add_option("FILE|FOLDER", options.inputs, "Images, and folders of images")->required();
  command->add_option("--top", options.top, "Classes shown for a file, most probable first")
      ->type_name("K")
      ->check(whole_number(1, 1'000'000));
  options.use.declare(*command);
  command->footer("Example: amltrain predict model images --top 2 --output json");
}

}  // namespace amltrain::cli
