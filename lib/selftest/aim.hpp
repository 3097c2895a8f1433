// The moments at which a training is killed: anywhere, and where it is most likely to matter.
#pragma once

#include <chrono>
#include <random>

namespace amltrain {

struct Aim {
  enum class At {
    moment,      // `delay` after the process was started
    epoch,       // after it said that it begins epoch `count`, or a later one
    validation,  // after it said the result of a training phase for the `count`th time
    checkpoint,  // after it began a file of a checkpoint for the `count`th time
  };
  At at = At::moment;
  int count = 0;
  std::chrono::nanoseconds delay{0};  // after that
};

/// Drawn for a training that takes `duration` when left alone.
Aim draw_aim(std::mt19937_64& random, std::chrono::nanoseconds duration);

}  // namespace amltrain
