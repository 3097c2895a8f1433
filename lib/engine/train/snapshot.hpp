// A training's state kept in memory, to go back to.
#pragma once

#include <vector>

#include "engine/train/metrics_mark.hpp"
#include "engine/train/state.hpp"

namespace amltrain::engine {

class Snapshot {
 public:
  /// Copies the tensors that steps change; the memory is used again from call to call. The best weights are
  /// not copied: no step changes them.
  void take(const TrainState& state, const Position& at, MetricsMark metrics);

  bool taken() const { return !tensors_.empty(); }
  /// Brings the state back to what it was; the losses are watched afresh.
  void restore(TrainState& state) const;
  const Position& at() const { return at_; }
  const MetricsMark& metrics() const { return metrics_; }

 private:
  std::vector<at::Tensor> tensors_;
  Position at_;
  TrainingSummary summary_;
  MetricsMark metrics_;
};

}  // namespace amltrain::engine
