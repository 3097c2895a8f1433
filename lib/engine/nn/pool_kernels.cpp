#include "engine/nn/pool_kernels.hpp"

#include <algorithm>
#include <bit>
#include <utility>

// Compiled once an instruction set; the loops below are inlined into these.
#if defined(__x86_64__)
#define AMLTRAIN_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define AMLTRAIN_EACH_CPU
#endif

namespace amltrain::engine::pool_kernels {
namespace {

template <typename T>
[[gnu::always_inline]] inline void max_of_three(const T* __restrict a, const T* __restrict b,
                                                const T* __restrict c, std::size_t count, T* __restrict out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = std::max(std::max(a[i], b[i]), c[i]);
}

template <typename T>
[[gnu::always_inline]] inline void pool_row(const T* image, std::size_t height, std::size_t width,
                                            std::size_t channels, std::size_t row, T* scratch, T* out) {
  // At an edge, what is beyond it is replaced by what is before it.
  const auto before = [](std::size_t middle) { return middle == 0 ? 0 : middle - 1; };
  const auto after = [](std::size_t middle, std::size_t end) { return std::min(middle + 1, end - 1); };
  const auto line = [&](std::size_t y) { return image + y * width * channels; };
  max_of_three(line(before(2 * row)), line(2 * row), line(after(2 * row, height)), width * channels, scratch);
  for (std::size_t x = 0; x < width; x += 2, out += channels)
    max_of_three(scratch + before(x) * channels, scratch + x * channels, scratch + after(x, width) * channels,
                 channels, out);
}

[[gnu::always_inline]] inline float widen(std::int32_t bits) { return std::bit_cast<float>(bits); }
[[gnu::always_inline]] inline float widen(std::int16_t bits) {
  return std::bit_cast<float>(std::uint32_t{static_cast<std::uint16_t>(bits)} << 16);
}
[[gnu::always_inline]] inline void narrow(float value, std::int32_t& out) {
  out = std::bit_cast<std::int32_t>(value);
}
[[gnu::always_inline]] inline void narrow(float value, std::int16_t& out) {  // to nearest, ties to even
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16;
  out = static_cast<std::int16_t>(static_cast<std::uint16_t>(value != value ? 0x7FC0U : rounded));
}

/// Adds what a window's value gets, when it is the first that is the largest, to `sums`, and takes it out of
/// `left`.
template <typename T>
[[gnu::always_inline]] inline void hand_out(const T* __restrict values, const T* __restrict largest,
                                            std::size_t count, float* __restrict left,
                                            float* __restrict sums) {
  for (std::size_t c = 0; c < count; ++c) {
    // As 32 bits of the same width as the sums: all ones where this is it.
    const auto hit = static_cast<std::uint32_t>(-(std::int32_t{values[c]} == std::int32_t{largest[c]}));
    const auto bits = std::bit_cast<std::uint32_t>(left[c]);
    sums[c] += std::bit_cast<float>(bits & hit);
    left[c] = std::bit_cast<float>(bits & ~hit);
  }
}

template <typename T>
[[gnu::always_inline]] inline void pool_gradient(const T* image, const T* pooled, const T* gradient,
                                                 std::size_t height, std::size_t width, std::size_t channels,
                                                 float* scratch, T* out) {
  const std::size_t line = width * channels;
  float* const left = scratch + 3 * line;  // of the window's gradient
  float *above = scratch, *middle = above + line, *below = middle + line;
  const auto write = [&](const float* sums, std::size_t y) {
    for (std::size_t i = 0; i < line; ++i) narrow(sums[i], out[y * line + i]);
  };
  std::fill(above, above + line, 0.0F);
  for (std::size_t y = 0; y < height; y += 2) {
    std::fill(middle, middle + line, 0.0F);
    std::fill(below, below + line, 0.0F);
    for (std::size_t x = 0; x < width; x += 2, pooled += channels, gradient += channels) {
      for (std::size_t c = 0; c < channels; ++c) left[c] = widen(gradient[c]);
      for (std::size_t row = y == 0 ? 1 : 0; row < 3 && y + row <= height; ++row) {
        float* const sums = row == 0 ? above : row == 1 ? middle : below;
        for (std::size_t column = x == 0 ? 1 : 0; column < 3 && x + column <= width; ++column) {
          const std::size_t at = (x + column - 1) * channels;
          hand_out(image + (y + row - 1) * line + at, pooled, channels, left, sums + at);
        }
      }
    }
    if (y > 0) write(above, y - 1);
    write(middle, y);
    std::swap(above, below);
  }
  if (height % 2 == 0) write(above, height - 1);
}

}  // namespace

AMLTRAIN_EACH_CPU
void max_3x3_stride_2(const std::int32_t* image, std::size_t height, std::size_t width, std::size_t channels,
                      std::size_t row, std::int32_t* scratch, std::int32_t* out) {
  pool_row(image, height, width, channels, row, scratch, out);
}
AMLTRAIN_EACH_CPU
void max_3x3_stride_2(const std::int16_t* image, std::size_t height, std::size_t width, std::size_t channels,
                      std::size_t row, std::int16_t* scratch, std::int16_t* out) {
  pool_row(image, height, width, channels, row, scratch, out);
}

AMLTRAIN_EACH_CPU
void max_3x3_stride_2_gradient(const std::int32_t* image, const std::int32_t* pooled,
                               const std::int32_t* gradient, std::size_t height, std::size_t width,
                               std::size_t channels, float* scratch, std::int32_t* out) {
  pool_gradient(image, pooled, gradient, height, width, channels, scratch, out);
}
AMLTRAIN_EACH_CPU
void max_3x3_stride_2_gradient(const std::int16_t* image, const std::int16_t* pooled,
                               const std::int16_t* gradient, std::size_t height, std::size_t width,
                               std::size_t channels, float* scratch, std::int16_t* out) {
  pool_gradient(image, pooled, gradient, height, width, channels, scratch, out);
}

}  // namespace amltrain::engine::pool_kernels
