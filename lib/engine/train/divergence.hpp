// Is a training beyond hope? Watched batch by batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/error.hpp"

namespace amltrain::engine {

/// Carried from batch to batch, and in checkpoints.
struct LossWatch {
  std::int64_t batches = 0;
  double mean = 0;    // exponential mean of the loss over about kWindow batches
  double lowest = 0;  // that mean at its lowest, from batch kFirst on
};

inline constexpr int kWindow = 32, kFirst = 8;
inline constexpr double kFactor = 4;

/// `watch` after one more batch with the loss `loss`.
LossWatch watched(const LossWatch& watch, double loss);

/// True when the mean is above kFactor times its lowest, and also above twice log(classes), which is what
/// guessing costs: a small loss may well grow.
bool is_diverging(const LossWatch& watch, std::int64_t classes);

/// Error{run_failed}, of a training that could go on from an earlier state at a lower rate.
class Diverged : public Error {
 public:
  using Error::Error;
};

}  // namespace amltrain::engine
