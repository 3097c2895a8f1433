// Arithmetic of the drawings that gives the same bits on every machine: IEEE operations and integers alone,
// since libm's sin or exp may differ by the processor's features. Built with -ffp-contract=off.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace amltrain::sample {

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA'14).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits();
  double uniform(double low = 0, double high = 1);
  int between(int low, int high);  // both included
  bool chance(double probability) { return uniform() < probability; }

 private:
  std::uint64_t state_;
};

/// Sine and cosine of `turns` full turns; within 1e-6.
double sin_turns(double turns);
inline double cos_turns(double turns) { return sin_turns(turns + 0.25); }

/// 0 below `low`, 1 above `high`, smooth between.
inline double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

inline double mix(double a, double b, double share) { return a + (b - a) * share; }

/// Smooth noise in [0, 1], about one bump a unit.
double noise(double x, double y, std::uint32_t seed);
/// Octaves of noise, each twice as fine and half as strong; in [0, 1].
double fractal_noise(double x, double y, int octaves, std::uint32_t seed);

}  // namespace amltrain::sample
