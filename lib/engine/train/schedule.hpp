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
  /// With options.scale_lr linear all rates are those of a learning rate that is `batches_per_step` times as
  /// large (Goyal et al. 2017, arXiv:1706.02677), to which the first one rises in the warm-up. Where
  /// options.warmup_epochs is 0, that takes five epochs then, and at most a fifth of the training.
  Schedule(const TrainOptions& options, std::int64_t updates_per_epoch, int batches_per_step);

  /// Of update number `update` (0-based) of `epoch`. In the warm-up of W updates, the u-th (0-based, of the
  /// training) has (u + 1) / W of its rate, as LinearLR(start_factor=1/W, total_iters=W-1) gives; of a rate
  /// that is scaled by k, (u + 1) / W of the way from a k-th of it. step: see
  /// step_lr(), whatever the warm-up; cosine: from the end of the warm-up to 0 after the last update, as
  /// CosineAnnealingLR(T_max = updates left); constant: the base rate.
  double rate(int epoch, std::int64_t update) const;
  std::int64_t updates_per_epoch() const { return updates_per_epoch_; }

 private:
  const TrainOptions& options_;
  std::int64_t updates_per_epoch_;
  double scale_;  // of the learning rate
  std::int64_t warmup_, updates_;
};

}  // namespace amltrain::engine
