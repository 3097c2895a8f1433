// What the person who watches reads between two epochs, and when it will be over.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "engine/api.hpp"

namespace amltrain::engine {

/// Images done and seconds spent in one phase, over all epochs so far.
struct Pace {
  std::int64_t images_in_all = 0;
  std::int64_t images = 0;
  double seconds = 0;

  double images_per_second() const { return seconds > 0 ? static_cast<double>(images) / seconds : 0; }
};

/// Seconds to the end at the pace so far. Before the first validation an image is taken to cost a third of
/// what it costs in training: forward without backward. 0 while nothing is known.
double seconds_left(const Pace& train, const Pace& val);

/// "1m 3s", "2h 5m 0s".
std::string minutes_and_seconds(double seconds);

/// Counts and times the images of both phases, and says a line every few seconds: a log stays readable, a
/// terminal alive.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Phase { train, val };

  Progress(const Say& say, std::int64_t train_images, std::int64_t val_images, Clock::duration interval)
      : say_(say),
        train_{.images_in_all = train_images},
        val_{.images_in_all = val_images},
        interval_(interval) {}

  void start(int epoch, Phase phase);
  /// `count` more images are done, after `step` optimiser steps in all.
  void add(int count, std::int64_t step);
  /// Of the training phases so far.
  double images_per_second() const { return train_.images_per_second(); }

 private:
  const Say& say_;
  Pace train_, val_;
  Clock::duration interval_;
  Clock::time_point said_ = Clock::now(), counted_ = said_;
  int epoch_ = 0;
  Phase phase_ = Phase::train;
};

}  // namespace amltrain::engine
