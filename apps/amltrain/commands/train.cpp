// train: the built-in trainer in the foreground, and the command that a submitted job runs.
#include <cstdlib>

#include "../progress_line.hpp"
#include "../stop_signals.hpp"
#include "../train_view.hpp"
#include "../trainer_options.hpp"
#include "commands.hpp"
#include "dataset/dataset.hpp"
#include "registry/weights.hpp"

namespace amltrain::cli {
namespace {

/// A folder, else data of the workspace that is around.
std::filesystem::path find_data(const Context& context, const std::string& name_or_folder) {
  if (std::filesystem::is_directory(name_or_folder)) return name_or_folder;
  const auto workspace = context.workspace_if_any();
  if (workspace && name_or_folder.find('/') == std::string::npos)
    return read_data(*workspace, name_or_folder).folder;
  throw Error(category::not_found, "no folder " + name_or_folder,
              "give the folder that holds train/CLASS/* and val/CLASS/*");
}

void train(const Context& context, const TrainerOptions& given) {
  ProgressLine progress;
  const auto say = [&](const std::string& line) {
    if (!context.json_output()) progress.log_line(line);
  };
  engine::TrainOptions options = given.values();
  options.data = find_data(context, given.data());
  const auto weights = resolve_weights(options.weights, options.arch, context.workspace_if_any(), say);
  options.weights = weights ? weights->string() : "none";
  if (const char* metrics = std::getenv("AMLTRAIN_METRICS")) options.metrics_file = metrics;

  const StopSignals signals;
  show_report(context, engine::open_engine().train(options, say, [&] { return signals.received() != 0; }));
}

}  // namespace

void add_train(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("train", "Train a ResNet on a folder of images, here and now.");
  const auto options = std::make_shared<TrainerOptions>(*command);
  command->get_option("--data")->required();
  command->callback([&context, options] { train(context, *options); });
  command->footer("Example: amltrain train --data hymenoptera_data --weights imagenet --num-epochs 3");
}

}  // namespace amltrain::cli
