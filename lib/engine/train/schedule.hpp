// The learning rate as a function of the place in the training, and of nothing else.
#pragma once

#include <cstdint>

#include "engine/api.hpp"

namespace amltrain::engine {

/// torch.optim.lr_scheduler.StepLR: `base` times `gamma` for every `step_size` epochs done before `epoch`
/// (0-based), multiplied one by one as the scheduler does, so that the bits are the same.
double step_lr(double base, double gamma, int step_size, int epoch);

/// Side of the training images of an epoch, pixels. With options.progressive_resize it rises from that to
/// options.image_size, in equal steps but for rounding to a multiple of 16, and stays there for the last
/// fifth of the epochs.
int epoch_image_size(const TrainOptions& options, int epoch);

class Schedule {
 public:
  Schedule(const TrainOptions& options, std::int64_t updates_per_epoch);

  /// Of update number `update` (0-based) of `epoch`. In the warm-up of W updates, the u-th (0-based, of the
  /// training) has (u + 1) / W of its rate, as LinearLR(start_factor=1/W, total_iters=W-1) gives. step: see
  /// step_lr(), whatever the warm-up; cosine: from the end of the warm-up to 0 after the last update, as
  /// CosineAnnealingLR(T_max = updates left); constant: the base rate.
  double rate(int epoch, std::int64_t update) const;
  std::int64_t updates_per_epoch() const { return updates_per_epoch_; }

 private:
  const TrainOptions& options_;
  std::int64_t updates_per_epoch_, warmup_, updates_;
};

}  // namespace amltrain::engine
