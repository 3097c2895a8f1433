#include <array>
#include <string>

#include "engine/data/augment.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

using Table = std::array<std::array<float, 256>, 3>;

/// A byte has 256 values: dividing once for each is both exact, to torch's float operations, and quick.
constexpr Table make_table() {
  Table table{};
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t value = 0; value < 256; ++value)
      table[channel][value] = (static_cast<float>(value) / 255.0f - kMean[channel]) / kStd[channel];
  return table;
}
constexpr Table kTable = make_table();

}  // namespace

void normalise(const Image& image, bool flip, std::span<float> out) {
  const auto height = static_cast<std::size_t>(image.height), width = static_cast<std::size_t>(image.width);
  const std::size_t plane = height * width;
  if (out.size() != 3 * plane || image.rgb.size() != 3 * plane)
    throw Error(category::internal, std::to_string(out.size()) + " floats for an image of " +
                                        std::to_string(width) + " x " + std::to_string(height));
  const std::ptrdiff_t step = flip ? -1 : 1;
  const std::uint8_t* pixel = image.rgb.data();
  for (std::size_t y = 0; y < height; ++y) {
    float* to = out.data() + y * width + (flip ? width - 1 : 0);
    for (std::size_t x = 0; x < width; ++x, pixel += 3, to += step) {
      to[0] = kTable[0][pixel[0]];
      to[plane] = kTable[1][pixel[1]];
      to[2 * plane] = kTable[2][pixel[2]];
    }
  }
}

}  // namespace amltrain::engine
