#include "engine/nn/pool_kernels.hpp"

#include <algorithm>

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

}  // namespace amltrain::engine::pool_kernels
