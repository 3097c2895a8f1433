// What training changes, beside the loaders and the log: all of it is in a checkpoint.
#pragma once

#include <limits>
#include <optional>

#include "engine/exchange/state_dict.hpp"
#include "engine/nn/resnet.hpp"
#include "engine/train/divergence.hpp"
#include "engine/train/ema.hpp"
#include "engine/train/evaluate.hpp"
#include "engine/train/grad_scaler.hpp"
#include "engine/train/optimiser.hpp"
#include "engine/train/report.hpp"
#include "engine/train/running.hpp"

namespace amltrain::engine {

/// A place between two steps.
struct Position {
  int epoch = 0, batch = 0;  // the first batch that was not trained on yet
  Running running{};         // of the batches of that epoch before it
};

struct TrainState {
  ResNet model;
  std::unique_ptr<Optimiser> optimiser;
  std::optional<Ema> ema{};
  std::optional<GradScaler> scaler{};  // of fp16
  TrainingSummary summary{};           // of the epochs done; `steps` also counts those of the one under way
  std::optional<Evaluation> best{};    // of summary.best_epoch
  StateDict best_state{};              // its weights
  LossWatch watch{};
  std::int64_t micro_batch = std::numeric_limits<int>::max();  // see StepOptions

  /// What is validated and saved: the average of the weights when there is one.
  ResNet& result() { return ema ? ema->model() : model; }
  const ResNet& result() const { return ema ? ema->model() : model; }
};

/// Adds the epoch to the summary; when it is the best so far, keeps its evaluation and weights. `reuse`: the
/// weights kept before may be overwritten.
void finish_epoch(TrainState& state, const EpochResult& result, const Evaluation& val, BestMetric metric,
                  bool reuse);

/// True when the last `patience` epochs brought nothing better; never for 0.
bool stops_early(const TrainingSummary& summary, int patience);

}  // namespace amltrain::engine
