// Batch norm over rows of channels (channels last), fused with the ReLU and the addition that follow it. A
// network of ATen's own operators reads and writes each activation five times more. Plain loops that the
// compiler vectorises for AVX-512, AVX2 and what every x86-64 has, chosen when the library is loaded.
// Internal to nn/; norm.hpp is the face.
#pragma once

#include <cstddef>
#include <cstdint>

namespace amltrain::engine::norm_kernels {

/// A bfloat16 by its bits: the upper half of a float's.
struct Bf16 {
  std::uint16_t bits;
};

// All arrays of T are rows x channels, contiguous; all arrays of float hold one value a channel.

/// Adds to sum and square, over the rows, (x - pivot) and its square.
void sums(const float* x, std::size_t rows, std::size_t channels, const float* pivot, float* sum,
          float* square);
void sums(const Bf16* x, std::size_t rows, std::size_t channels, const float* pivot, float* sum,
          float* square);

/// y = factor * (x - mean) + shift + residual, at least 0 when `relu`. `residual` may be null; y may be x.
struct Affine {
  const float *mean, *factor, *shift;
  bool relu;
};
void apply(const float* x, const float* residual, std::size_t rows, std::size_t channels,
           const Affine& affine, float* y);
void apply(const Bf16* x, const Bf16* residual, std::size_t rows, std::size_t channels, const Affine& affine,
           Bf16* y);

/// g = one + other, 0 where y <= 0. `other` and `y` may be null. Writes g to `out` unless that is null, and
/// adds to sum and product, over the rows, g and g * (x - mean).
template <typename T>
struct Incoming {
  const T *one, *other, *y;
  T* out;
};
void gradient_sums(const Incoming<float>& g, const float* x, std::size_t rows, std::size_t channels,
                   const float* mean, float* sum, float* product);
void gradient_sums(const Incoming<Bf16>& g, const Bf16* x, std::size_t rows, std::size_t channels,
                   const float* mean, float* sum, float* product);

/// out = factor * g + slope * (x - mean) + offset, with g = one, 0 where y <= 0; `y` may be null.
struct GradientAffine {
  const float *mean, *factor, *slope, *offset;
};
void gradient(const float* one, const float* y, const float* x, std::size_t rows, std::size_t channels,
              const GradientAffine& affine, float* out);
void gradient(const Bf16* one, const Bf16* y, const Bf16* x, std::size_t rows, std::size_t channels,
              const GradientAffine& affine, Bf16* out);

}  // namespace amltrain::engine::norm_kernels
