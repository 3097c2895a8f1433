#include "dataset/sample/numbers.hpp"

namespace amltrain::sample {
namespace {

std::uint64_t scramble(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

/// A value in [0, 1] for a point of the grid.
double lattice(std::int64_t x, std::int64_t y, std::uint32_t seed) {
  auto h = static_cast<std::uint32_t>(x) * 0x9E3779B1U ^ static_cast<std::uint32_t>(y) * 0x85EBCA77U ^
           seed * 0xC2B2AE3DU;
  h = (h ^ (h >> 15)) * 0x2C1B3C6DU;
  h = (h ^ (h >> 12)) * 0x297A2D39U;
  return (h ^ (h >> 15)) * (1.0 / 4294967295.0);
}

}  // namespace

std::uint64_t Random::bits() { return scramble(state_ += 0x9E3779B97F4A7C15); }

double Random::uniform(double low, double high) {
  return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1p-53);
}

int Random::between(int low, int high) { return low + static_cast<int>(uniform() * (high - low + 1)); }

double sin_turns(double turns) {
  double t = turns - std::floor(turns + 0.5);  // [-0.5, 0.5): sin(2 pi t)
  if (t > 0.25) t = 0.5 - t;
  if (t < -0.25) t = -0.5 - t;
  const double x = t * 6.283185307179586, x2 = x * x;  // [-pi/2, pi/2]: Taylor's series
  return x * (1 - x2 / 6 * (1 - x2 / 20 * (1 - x2 / 42 * (1 - x2 / 72 * (1 - x2 / 110)))));
}

double noise(double x, double y, std::uint32_t seed) {
  const double x0 = std::floor(x), y0 = std::floor(y);
  const auto column = static_cast<std::int64_t>(x0), row = static_cast<std::int64_t>(y0);
  const double u = smooth_step(0, 1, x - x0), v = smooth_step(0, 1, y - y0);
  return mix(mix(lattice(column, row, seed), lattice(column + 1, row, seed), u),
             mix(lattice(column, row + 1, seed), lattice(column + 1, row + 1, seed), u), v);
}

double fractal_noise(double x, double y, int octaves, std::uint32_t seed) {
  double sum = 0, weight = 1, total = 0;
  for (int octave = 0; octave < octaves; ++octave, weight *= 0.5, x *= 2, y *= 2) {
    sum += weight * noise(x, y, seed + static_cast<std::uint32_t>(octave));
    total += weight;
  }
  return sum / total;
}

}  // namespace amltrain::sample
