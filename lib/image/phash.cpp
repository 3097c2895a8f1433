#include "image/phash.hpp"

#include <bit>
#include <cmath>
#include <numbers>

#include "image/resize.hpp"

namespace amltrain {
namespace {

constexpr int kSide = 32;  // pixels of the picture that is transformed
constexpr int kLow = 8;    // coefficients a side that are looked at
constexpr int kBlock = kSide / kLow;
/// Encoding again moves a coefficient of the orthonormal transform by 1 or so: below this, where symmetric
/// and even pictures have theirs, its sign means nothing.
constexpr double kThreshold = 2;

using Basis = std::array<std::array<double, kSide>, kLow>;

/// DCT-II, orthonormal: row u holds the u-th cosine.
Basis make_basis() {
  Basis basis{};
  for (int u = 0; u < kLow; ++u)
    for (int x = 0; x < kSide; ++x)
      basis[u][x] = std::sqrt((u == 0 ? 1.0 : 2.0) / kSide) *
                    std::cos((2 * x + 1) * u * std::numbers::pi / (2 * kSide));
  return basis;
}

std::array<double, kSide * kSide> grey(const Image& small) {
  std::array<double, kSide * kSide> levels{};
  for (std::size_t i = 0; i < levels.size(); ++i)  // ITU-R BT.601 luma
    levels[i] = 0.299 * small.rgb[3 * i] + 0.587 * small.rgb[3 * i + 1] + 0.114 * small.rgb[3 * i + 2];
  return levels;
}

/// Coefficient (v, u) of `levels` at v * kLow + u; u counts cosines across.
std::array<double, kLow * kLow> transform(const std::array<double, kSide * kSide>& levels) {
  static const Basis basis = make_basis();
  std::array<double, kLow * kLow> out{};
  for (int y = 0; y < kSide; ++y)
    for (int u = 0; u < kLow; ++u) {
      double across = 0;
      for (int x = 0; x < kSide; ++x) across += basis[u][x] * levels[y * kSide + x];
      for (int v = 0; v < kLow; ++v) out[v * kLow + u] += basis[v][y] * across;
    }
  return out;
}

void average_blocks(const Image& small, std::array<std::uint8_t, 192>& colours) {
  for (int row = 0; row < kLow; ++row)
    for (int column = 0; column < kLow; ++column)
      for (int channel = 0; channel < 3; ++channel) {
        int sum = 0;
        for (int y = row * kBlock; y < (row + 1) * kBlock; ++y)
          for (int x = column * kBlock; x < (column + 1) * kBlock; ++x)
            sum += small.rgb[static_cast<std::size_t>((y * kSide + x) * 3 + channel)];
        colours[static_cast<std::size_t>((row * kLow + column) * 3 + channel)] =
            static_cast<std::uint8_t>((sum + kBlock * kBlock / 2) / (kBlock * kBlock));
      }
}

}  // namespace

Look look_of(const Image& image) {
  const Image small = resize(image, {0, 0, image.width, image.height}, {kSide, kSide});
  const auto coefficients = transform(grey(small));
  Look look;
  for (int i = 1; i < kLow * kLow; ++i) {
    // Flipping left to right turns the sign of the cosines that are odd about the middle.
    const double upright = coefficients[i], mirrored = i % 2 == 1 ? -upright : upright;
    look.upright |= static_cast<std::uint64_t>(upright > kThreshold) << i;
    look.mirrored |= static_cast<std::uint64_t>(mirrored > kThreshold) << i;
  }
  average_blocks(small, look.colours);
  return look;
}

int hash_distance(std::uint64_t a, std::uint64_t b) { return std::popcount(a ^ b); }

double colour_distance(const Look& a, const Look& b, bool mirrored) {
  double sum = 0;
  for (std::size_t row = 0; row < kLow; ++row)
    for (std::size_t column = 0; column < kLow; ++column)
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const std::size_t other = mirrored ? kLow - 1 - column : column;
        const double apart =
            a.colours[(row * kLow + column) * 3 + channel] - b.colours[(row * kLow + other) * 3 + channel];
        sum += apart * apart;
      }
  return std::sqrt(sum / static_cast<double>(a.colours.size()));
}

}  // namespace amltrain
