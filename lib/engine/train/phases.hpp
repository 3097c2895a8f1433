// The two passes of an epoch: over the training images, and over the validation images.
#pragma once

#include <functional>

#include "engine/train/checkpoints.hpp"
#include "engine/train/inputs.hpp"
#include "engine/train/metrics.hpp"
#include "engine/train/numerics.hpp"
#include "engine/train/progress.hpp"
#include "engine/train/state.hpp"

namespace amltrain::engine {

class Phases {
 public:
  /// What is referred to must outlive it.
  Phases(const TrainOptions& options, const Numerics& numerics, const Say& say,
         const std::function<bool()>& stop, TrainState& state, Inputs& inputs, Checkpoints& checkpoints,
         const MetricLog& metrics, Progress& progress);

  /// Trains from `begin` to the end of its epoch at the learning rate `rate`. Throws Error{canceled} when it
  /// is to stop, Error{run_failed} naming step and files when the loss is not finite, Error{bad_input} when
  /// no image can be read.
  Running train(const Position& begin, double rate);
  Evaluation validate(int epoch);

 private:
  void throw_if_stopped(int epoch) const;
  [[noreturn]] void throw_diverged(int epoch, const Batch& batch) const;

  const TrainOptions& options_;
  const Numerics& numerics_;
  const Say& say_;
  const std::function<bool()>& stop_;
  TrainState& state_;
  Inputs& inputs_;
  Checkpoints& checkpoints_;
  const MetricLog& metrics_;
  Progress& progress_;
};

}  // namespace amltrain::engine
