#include "engine/use/interval.hpp"

#include <algorithm>
#include <cmath>

namespace amltrain::engine {
namespace {
constexpr double kZ = 1.959963984540054;  // the normal distribution's 97.5 % quantile
}

Interval wilson_interval(std::int64_t successes, std::int64_t trials) {
  if (trials == 0) return {};
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double denominator = 1 + kZ * kZ / n;
  const double center = (p + kZ * kZ / (2 * n)) / denominator;
  const double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / denominator;
  return {std::max(0.0, center - half), std::min(1.0, center + half)};
}

}  // namespace amltrain::engine
