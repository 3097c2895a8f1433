#include "engine/train/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace amltrain::engine {

double step_lr(double base, double gamma, int step_size, int epoch) {
  double rate = base;
  for (int done = step_size; done <= epoch; done += step_size) rate *= gamma;
  return rate;
}

int epoch_image_size(const TrainOptions& options, int epoch) {
  const int rising = options.epochs - (options.epochs + 4) / 5, from = options.progressive_resize;
  if (from == 0 || epoch >= rising) return options.image_size;
  const int side = from + (options.image_size - from) * epoch / rising;
  return std::max(from, side / 16 * 16);
}

namespace {

double warmup_epochs(const TrainOptions& options, int batches_per_step) {
  const bool scaled = options.scale_lr == LrScaling::linear && batches_per_step > 1;
  if (options.warmup_epochs > 0 || !scaled) return options.warmup_epochs;
  return std::min(5.0, options.epochs / 5.0);
}

}  // namespace

Schedule::Schedule(const TrainOptions& options, std::int64_t updates_per_epoch, int batches_per_step)
    : options_(options),
      updates_per_epoch_(updates_per_epoch),
      scale_(options.scale_lr == LrScaling::linear ? batches_per_step : 1),
      warmup_(
          std::llround(warmup_epochs(options, batches_per_step) * static_cast<double>(updates_per_epoch))),
      updates_(options.epochs * updates_per_epoch) {}

double Schedule::rate(int epoch, std::int64_t update) const {
  const double base = options_.learning_rate * scale_;
  const std::int64_t done = epoch * updates_per_epoch_ + update;
  double rate = base;
  if (options_.scheduler == SchedulerKind::step)
    rate = step_lr(base, options_.lr_gamma, options_.lr_step, epoch);
  if (done < warmup_) {
    const double way = static_cast<double>(done + 1) / static_cast<double>(warmup_);
    return scale_ == 1 ? rate * way : rate * (1 / scale_ + (1 - 1 / scale_) * way);
  }
  if (options_.scheduler == SchedulerKind::cosine) {
    const auto part = static_cast<double>(done - warmup_) / static_cast<double>(updates_ - warmup_);
    rate = base * 0.5 * (1 + std::cos(std::numbers::pi * part));
  }
  return rate;
}

}  // namespace amltrain::engine
