#include "engine/nn/norm_kernels.hpp"

#include <bit>

// Compiled once an instruction set; the loops below are inlined into these.
#if defined(__x86_64__)
#define AMLTRAIN_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define AMLTRAIN_EACH_CPU
#endif
#define AMLTRAIN_INLINE __attribute__((always_inline)) inline

namespace amltrain::engine::norm_kernels {
namespace {

AMLTRAIN_INLINE float widen(float value) { return value; }
AMLTRAIN_INLINE float widen(Bf16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }

AMLTRAIN_INLINE void narrow(float value, float& out) { out = value; }
/// To nearest, ties to even, as torch rounds; what is no number stays none.
AMLTRAIN_INLINE void narrow(float value, Bf16& out) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16;
  out.bits = static_cast<std::uint16_t>(value != value ? 0x7FC0U : rounded);
}

// The sums stay in the first-level cache; four rows at a time halve what goes to and fro.
constexpr std::size_t kRows = 4;

template <typename T>
AMLTRAIN_INLINE void sum_rows(const T* __restrict x, std::size_t rows, std::size_t channels,
                              const float* __restrict pivot, float* __restrict sum,
                              float* __restrict square) {
  std::size_t row = 0;
  for (; row + kRows <= rows; row += kRows, x += kRows * channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      const float a = widen(x[c]) - pivot[c], b = widen(x[c + channels]) - pivot[c];
      const float d = widen(x[c + 2 * channels]) - pivot[c], e = widen(x[c + 3 * channels]) - pivot[c];
      sum[c] += (a + b) + (d + e);
      square[c] += (a * a + b * b) + (d * d + e * e);
    }
  }
  for (; row < rows; ++row, x += channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      const float a = widen(x[c]) - pivot[c];
      sum[c] += a;
      square[c] += a * a;
    }
  }
}

template <bool kResidual, bool kRelu, typename T>
AMLTRAIN_INLINE void apply_rows(const T* x, const T* residual, std::size_t rows, std::size_t channels,
                                const Affine& affine, T* y) {
  const float* __restrict mean = affine.mean;
  const float* __restrict factor = affine.factor;
  const float* __restrict shift = affine.shift;
  for (std::size_t row = 0; row < rows; ++row, x += channels, y += channels) {
#pragma GCC ivdep
    for (std::size_t c = 0; c < channels; ++c) {
      float value = factor[c] * (widen(x[c]) - mean[c]) + shift[c];
      if constexpr (kResidual) value += widen(residual[c]);
      if constexpr (kRelu) value = value < 0 ? 0 : value;  // keeps NaN, as torch's relu does
      narrow(value, y[c]);
    }
    if constexpr (kResidual) residual += channels;
  }
}

template <typename T>
AMLTRAIN_INLINE void apply_any(const T* x, const T* residual, std::size_t rows, std::size_t channels,
                               const Affine& affine, T* y) {
  if (residual && affine.relu)
    apply_rows<true, true>(x, residual, rows, channels, affine, y);
  else if (residual)
    apply_rows<true, false>(x, residual, rows, channels, affine, y);
  else if (affine.relu)
    apply_rows<false, true>(x, residual, rows, channels, affine, y);
  else
    apply_rows<false, false>(x, residual, rows, channels, affine, y);
}

/// One element of g, rounded to T as it is kept.
template <bool kOther, bool kRelu, typename T>
AMLTRAIN_INLINE float incoming(const T* one, const T* other, const T* y, std::size_t c) {
  float g = widen(one[c]);
  if constexpr (kOther) {
    T rounded;
    narrow(g + widen(other[c]), rounded);
    g = widen(rounded);
  }
  if constexpr (kRelu) g = widen(y[c]) > 0 ? g : 0;
  return g;
}

template <bool kOther, bool kRelu, bool kWrite, typename T>
AMLTRAIN_INLINE void gradient_sum_rows(Incoming<T> g, const T* x, std::size_t rows, std::size_t channels,
                                       const float* __restrict mean, float* __restrict sum,
                                       float* __restrict product) {
  for (std::size_t row = 0; row < rows; ++row, x += channels) {
#pragma GCC ivdep
    for (std::size_t c = 0; c < channels; ++c) {
      const float value = incoming<kOther, kRelu>(g.one, g.other, g.y, c);
      sum[c] += value;
      product[c] += value * (widen(x[c]) - mean[c]);
      if constexpr (kWrite) narrow(value, g.out[c]);
    }
    g.one += channels;
    if constexpr (kOther) g.other += channels;
    if constexpr (kRelu) g.y += channels;
    if constexpr (kWrite) g.out += channels;
  }
}

template <typename T>
AMLTRAIN_INLINE void gradient_sums_any(const Incoming<T>& g, const T* x, std::size_t rows,
                                       std::size_t channels, const float* mean, float* sum, float* product) {
  if (g.other && g.y)
    gradient_sum_rows<true, true, true>(g, x, rows, channels, mean, sum, product);
  else if (g.other)
    gradient_sum_rows<true, false, true>(g, x, rows, channels, mean, sum, product);
  else if (g.y && g.out)
    gradient_sum_rows<false, true, true>(g, x, rows, channels, mean, sum, product);
  else if (g.y)
    gradient_sum_rows<false, true, false>(g, x, rows, channels, mean, sum, product);
  else
    gradient_sum_rows<false, false, false>(g, x, rows, channels, mean, sum, product);
}

template <bool kRelu, typename T>
AMLTRAIN_INLINE void gradient_rows(const T* one, const T* y, const T* x, std::size_t rows,
                                   std::size_t channels, const GradientAffine& affine, T* out) {
  const float* __restrict mean = affine.mean;
  const float* __restrict factor = affine.factor;
  const float* __restrict slope = affine.slope;
  const float* __restrict offset = affine.offset;
  for (std::size_t row = 0; row < rows; ++row, one += channels, x += channels, out += channels) {
#pragma GCC ivdep
    for (std::size_t c = 0; c < channels; ++c) {
      const float g = incoming<false, kRelu>(one, one, y, c);
      narrow(factor[c] * g + (slope[c] * (widen(x[c]) - mean[c]) + offset[c]), out[c]);
    }
    if constexpr (kRelu) y += channels;
  }
}

template <typename T>
AMLTRAIN_INLINE void gradient_any(const T* one, const T* y, const T* x, std::size_t rows,
                                  std::size_t channels, const GradientAffine& affine, T* out) {
  if (y)
    gradient_rows<true>(one, y, x, rows, channels, affine, out);
  else
    gradient_rows<false>(one, y, x, rows, channels, affine, out);
}

}  // namespace

AMLTRAIN_EACH_CPU void sums(const float* x, std::size_t rows, std::size_t channels, const float* pivot,
                            float* sum, float* square) {
  sum_rows(x, rows, channels, pivot, sum, square);
}
AMLTRAIN_EACH_CPU void sums(const Bf16* x, std::size_t rows, std::size_t channels, const float* pivot,
                            float* sum, float* square) {
  sum_rows(x, rows, channels, pivot, sum, square);
}

AMLTRAIN_EACH_CPU void apply(const float* x, const float* residual, std::size_t rows, std::size_t channels,
                             const Affine& affine, float* y) {
  apply_any(x, residual, rows, channels, affine, y);
}
AMLTRAIN_EACH_CPU void apply(const Bf16* x, const Bf16* residual, std::size_t rows, std::size_t channels,
                             const Affine& affine, Bf16* y) {
  apply_any(x, residual, rows, channels, affine, y);
}

AMLTRAIN_EACH_CPU void gradient_sums(const Incoming<float>& g, const float* x, std::size_t rows,
                                     std::size_t channels, const float* mean, float* sum, float* product) {
  gradient_sums_any(g, x, rows, channels, mean, sum, product);
}
AMLTRAIN_EACH_CPU void gradient_sums(const Incoming<Bf16>& g, const Bf16* x, std::size_t rows,
                                     std::size_t channels, const float* mean, float* sum, float* product) {
  gradient_sums_any(g, x, rows, channels, mean, sum, product);
}

AMLTRAIN_EACH_CPU void gradient(const float* one, const float* y, const float* x, std::size_t rows,
                                std::size_t channels, const GradientAffine& affine, float* out) {
  gradient_any(one, y, x, rows, channels, affine, out);
}
AMLTRAIN_EACH_CPU void gradient(const Bf16* one, const Bf16* y, const Bf16* x, std::size_t rows,
                                std::size_t channels, const GradientAffine& affine, Bf16* out) {
  gradient_any(one, y, x, rows, channels, affine, out);
}

}  // namespace amltrain::engine::norm_kernels
