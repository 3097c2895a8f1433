// How far an accuracy measured on n images can be trusted.
#pragma once

#include <cstdint>

namespace amltrain::engine {

struct Interval {
  double low = 0, high = 1;
};

/// The score interval of Wilson (1927, "Probable inference, the law of succession, and statistical
/// inference", JASA 22:209-212) for `successes` of `trials`, at 95 %, without continuity correction. Unlike
/// the normal approximation it stays within 0..1 and has a width at 0 and at n of n. Of no trial: 0..1.
Interval wilson_interval(std::int64_t successes, std::int64_t trials);

}  // namespace amltrain::engine
