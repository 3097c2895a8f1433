// amltrain_bench: rates inside the engine, one JSON object on standard output. scripts/bench/engine calls it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "engine/train/numerics.hpp"
#include "rates.hpp"
#include "support/error.hpp"

namespace amltrain::bench {
namespace {

CLI::App* add(CLI::App& app, const std::string& name, const std::string& help, Settings& settings) {
  CLI::App* const command = app.add_subcommand(name, help);
  command->add_option("--arch", settings.train.arch);
  command->add_option("--batch-size", settings.train.batch_size);
  command->add_option("--workers", settings.train.workers);
  command->add_option("--threads", settings.train.threads);
  command->add_option("--image-size", settings.train.image_size);
  command->add_option("--resize-size", settings.train.resize_size);
  command->add_option("--epochs", settings.train.epochs);
  command->add_option("--steps", settings.steps);
  command->add_option("--device", settings.train.device);
  command->add_flag("--cuda-graph", settings.train.cuda_graph);
  command->add_option("--precision", settings.train.precision)
      ->transform(
          CLI::Transformer(std::map<std::string, engine::Precision>{{"auto", engine::Precision::automatic},
                                                                    {"fp32", engine::Precision::fp32},
                                                                    {"bf16", engine::Precision::bf16}}));
  return command;
}

CLI::App* add_on_data(CLI::App& app, const std::string& name, const std::string& help, Settings& settings) {
  CLI::App* const command = add(app, name, help, settings);
  command->add_option("--data", settings.train.data)->required();
  command->add_option("--cache-memory", settings.train.cache_memory);
  command->add_flag("--scaled-decode", settings.train.scaled_decode);
  return command;
}

int run(int argc, char** argv) {
  CLI::App app("Rates inside the engine, for scripts/bench/engine.");
  app.require_subcommand(1);
  Settings settings;
  std::filesystem::path metrics;
  std::function<json()> measure;
  const auto call = [&](json (*function)(const Settings&)) {
    return
        [&measure, &settings, function] { measure = [&settings, function] { return function(settings); }; };
  };
  CLI::App* const loader = add_on_data(app, "loader", "Passes over the images", settings);
  loader->add_flag("--validation", settings.validation);
  loader->callback(call(loader_rate));
  add(app, "step", "Steps on a batch in memory", settings)->callback(call(step_rate));
  add(app, "matrix", "Matrix products", settings)->callback(call(matrix_rate));
  add_on_data(app, "train", "Epochs, and steps on a batch in memory", settings)
      ->callback(call(training_rate));
  add_on_data(app, "validate", "Passes of validation", settings)->callback(call(validation_rate));
  CLI::App* const cost = add(app, "metrics", "100 metrics a step", settings);
  cost->add_option("--file", metrics)->required();
  cost->callback([&] { measure = [&] { return metrics_cost(settings, metrics); }; });

  CLI11_PARSE(app, argc, argv);
  engine::tune_allocator();
  std::puts(measure().dump().c_str());
  return 0;
}

}  // namespace
}  // namespace amltrain::bench

int main(int argc, char** argv) {
  try {
    return amltrain::bench::run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "amltrain_bench: %s\n", problem.what());
    return 1;
  }
}
