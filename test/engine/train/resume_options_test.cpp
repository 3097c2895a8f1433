// Whatever a training carries from step to step is in its checkpoints.
#include <catch2/catch.hpp>

#include "engine/train/drawn_folder.hpp"
#include "engine/train/trainer.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::engine;
using namespace amltrain::test;

namespace {

const Say silent = [](const std::string&) {};

using Change = std::function<void(TrainOptions&)>;

struct Training {
  std::string name;
  Change change;
};

std::vector<Training> trainings() {
  return {{"adamw with weight decay, clipped",
           [](TrainOptions& o) {
             o.optimizer = OptimizerKind::adamw;
             o.weight_decay = 0.05;
             o.clip_grad_norm = 1;
           }},
          {"sgd with weight decay, warm-up in the middle of an epoch, cosine",
           [](TrainOptions& o) {
             o.weight_decay = 0.001;
             o.scheduler = SchedulerKind::cosine;
             o.warmup_epochs = 0.6;
           }},
          {"average, mixing, smoothing",
           [](TrainOptions& o) {
             o.ema = 0.9;
             o.mixup = 0.4;
             o.label_smoothing = 0.1;
             o.best_metric = BestMetric::val_loss;
           }},
          {"groups of batches, the last one smaller",
           [](TrainOptions& o) {
             o.grad_accum = 2;
             o.best_metric = BestMetric::last;
           }},
          {"adamw, frozen at first, then by its own rate",
           [](TrainOptions& o) {
             o.optimizer = OptimizerKind::adamw;
             o.unfreeze_epoch = 1;
             o.backbone_lr_scale = 0.1;
           }},
          {"stopping early", [](TrainOptions& o) {
             o.learning_rate = 1e-12;
             o.epochs = 4;
             o.early_stop = 1;
           }}};
}

TrainOptions options_in(const TemporaryFolder& folder, const std::string& name, const Change& change) {
  TrainOptions options = logged_options(folder.path(), name);
  change(options);
  return options;
}

}  // namespace

TEST_CASE("with every option, a training that was stopped ends with the bytes of one that was not",
          "[engine][train]") {
  const TemporaryFolder folder;
  draw_folder(folder / "data", 10, 2);  // five batches an epoch
  const std::vector<Training> all = trainings();
  const auto index = GENERATE_COPY(range(std::size_t{0}, all.size()));
  const Training& training = all[index];
  INFO(training.name);
  const TrainOptions whole = options_in(folder, "whole", training.change);
  const json report = train(whole, silent, [] { return false; });

  TrainOptions stopped = options_in(folder, "stopped", training.change);
  stopped.checkpoint_folder = stopped.resume_from = folder / "stopped/checkpoints";
  stopped.resume_if_any = true;
  stopped.checkpoint_every = 1;
  for (const int call : {4, 5}) {  // within the first epoch, and within the second or what follows
    int asked = 0;
    try {
      train(stopped, silent, [&] { return ++asked == call; });
    } catch (const Error& problem) {
      CHECK(problem.kind() == category::canceled);
    }
  }
  const json resumed = train(stopped, silent, [] { return false; });
  CHECK(read_file(stopped.output_folder / "model.pt") == read_file(whole.output_folder / "model.pt"));
  CHECK(metrics_of(stopped) == metrics_of(whole));
  for (const char* name : {"epochs", "confusion", "best_epoch", "steps", "options"})
    CHECK(resumed[name] == report[name]);
}
