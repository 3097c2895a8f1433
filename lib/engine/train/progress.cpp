#include "engine/train/progress.hpp"

#include <algorithm>
#include <cmath>

#include "engine/train/words.hpp"

namespace amltrain::engine {

double seconds_left(const Pace& train, const Pace& val) {
  if (train.images == 0) return 0;
  const double train_cost = train.seconds / static_cast<double>(train.images);
  const double val_cost = val.images > 0 ? val.seconds / static_cast<double>(val.images) : train_cost / 3;
  // More are done than there are when an epoch is trained again.
  const auto left = [](const Pace& pace) {
    return static_cast<double>(std::max<std::int64_t>(pace.images_in_all - pace.images, 0));
  };
  return train_cost * left(train) + val_cost * left(val);
}

std::string minutes_and_seconds(double seconds) {
  const auto whole = static_cast<long long>(std::llround(seconds));
  const std::string rest = words("%lldm %llds", whole / 60 % 60, whole % 60);
  return whole < 3600 ? rest : words("%lldh ", whole / 3600) + rest;
}

void Progress::start(int epoch, Phase phase) {
  epoch_ = epoch;
  phase_ = phase;
  counted_ = Clock::now();
}

void Progress::add(int count, std::int64_t step) {
  Pace& pace = phase_ == Phase::train ? train_ : val_;
  const Clock::time_point time = Clock::now();
  pace.images += count;
  pace.seconds += std::chrono::duration<double>(time - counted_).count();
  counted_ = time;
  if (time - said_ < interval_) return;
  said_ = time;
  say_(words("epoch %d %s step %lld, %.1f images/s, ETA ", epoch_, phase_ == Phase::train ? "train" : "val",
             static_cast<long long>(step), pace.images_per_second()) +
       minutes_and_seconds(seconds_left(train_, val_)));
}

}  // namespace amltrain::engine
