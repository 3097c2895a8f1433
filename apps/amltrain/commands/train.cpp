// train: the built-in trainer in the foreground, and the command that a submitted job runs.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "../progress_line.hpp"
#include "../stop_signals.hpp"
#include "../train_view.hpp"
#include "../trainer_options.hpp"
#include "commands.hpp"
#include "dataset/locate.hpp"
#include "dataset/lock.hpp"
#include "registry/weights.hpp"

namespace amltrain::cli {
namespace {

/// The supervisor of a run has just read the whole content, and says so.
Depth depth_of_check(const std::filesystem::path& lock) {
  const char* verified = std::getenv("AMLTRAIN_VERIFIED_LOCK");
  std::error_code absent;
  const bool done = verified != nullptr && std::filesystem::equivalent(lock, verified, absent);
  return done ? Depth::sizes : Depth::content;
}

std::vector<std::string> words_between_commas(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) words.push_back(word);
  return words;
}

/// Among the ranks that mpirun started for a run of several (lib/job/ranks.hpp, worker.cpp).
engine::RankPlace place_among_ranks(engine::RankPlace place) {
  const auto number = [](const char* name) {
    const char* const text = std::getenv(name);
    return text == nullptr ? -1 : std::atoi(text);  // -1 is no place, which join_ranks() says
  };
  // A run that lost hosts before its first checkpoint begins with fewer ranks than its job has.
  place.begun_with = std::max(0, number("AMLTRAIN_BEGUN_WITH"));
  const char* const rendezvous = std::getenv("AMLTRAIN_RENDEZVOUS");
  if (rendezvous == nullptr) return place;
  place.rendezvous = rendezvous;
  place.rank = number("RANK");
  place.world_size = number("WORLD_SIZE");
  place.on_host = number("LOCAL_WORLD_SIZE");
  if (const char* const hosts = std::getenv("AMLTRAIN_HOSTS")) place.hosts = words_between_commas(hosts);
  if (const char* const address = std::getenv("MASTER_ADDR")) place.address = address;
  place.port = number("MASTER_PORT");
  return place;
}

void train(const Context& context, const TrainerOptions& given) {
  ProgressLine progress;
  const auto say = [&](const std::string& line) {
    if (!context.json_output()) progress.log_line(line);
  };
  engine::TrainOptions options = given.values();
  options.ranks = place_among_ranks(options.ranks);
  const LocatedData data = locate_data(context.workspace_if_any(), given.data());
  options.data = data.root;
  if (std::filesystem::exists(data.lock)) {
    require_locked(data.lock, data.root, depth_of_check(data.lock));
    say("data: as locked by " + data.lock.string());
  }
  const auto weights = resolve_weights(options.weights, options.arch, context.workspace_if_any(), say);
  options.weights = weights ? weights->string() : "none";
  if (const char* metrics = std::getenv("AMLTRAIN_METRICS")) options.metrics_file = metrics;

  const StopSignals signals;
  show_report(context, engine::open_engine().train(options, say, [&] { return signals.received() != 0; }));
}

}  // namespace

void add_train(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("train", "Train a ResNet on a folder of images, here and now.");
  const auto options = std::make_shared<TrainerOptions>(*command, TrainerOptions::Of::train);
  command->get_option("--data")->required();
  command->callback([&context, options] { train(context, *options); });
  command->footer("Example: amltrain train --data hymenoptera_data --weights imagenet --num-epochs 3");
}

}  // namespace amltrain::cli
