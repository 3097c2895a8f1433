#include "engine/data/mixing.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "engine/data/augment.hpp"

namespace amltrain::engine {
namespace {

constexpr std::uint32_t kPurpose = 3;

double normal(Draw& draw) {
  const double radius = std::sqrt(-2 * std::log(1 - draw.uniform()));
  return radius * std::cos(2 * std::numbers::pi * draw.uniform());
}

/// The logarithm of a number from Gamma(alpha, 1): Marsaglia and Tsang 2000, "A simple method for generating
/// gamma variables". The number itself is 0 in floating point for a small alpha.
double log_gamma_number(Draw& draw, double alpha) {
  if (alpha < 1) {
    const double boost = std::log(1 - draw.uniform()) / alpha;
    return log_gamma_number(draw, alpha + 1) + boost;
  }
  const double d = alpha - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = normal(draw), v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(1 - draw.uniform()) < x * x / 2 + d - d * v + d * std::log(v))
      return std::log(d * v);
  }
}

}  // namespace

Mixing draw_mixing(double alpha, std::uint64_t seed, int epoch, int batch, int count) {
  Draw draw(seed, static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(batch), kPurpose);
  Mixing mixing;
  const double one = log_gamma_number(draw, alpha), other = log_gamma_number(draw, alpha);
  mixing.share = 1 / (1 + std::exp(other - one));
  mixing.partner.resize(static_cast<std::size_t>(count));
  std::iota(mixing.partner.begin(), mixing.partner.end(), 0);
  for (std::size_t left = mixing.partner.size(); left > 1; --left)
    std::swap(mixing.partner[left - 1],
              mixing.partner[static_cast<std::size_t>(draw.below(static_cast<int>(left)))]);
  return mixing;
}

}  // namespace amltrain::engine
