// Pooling of channels-last activations that a ReLU made, without torch. ATen's max pooling of bf16 takes a
// tenth of a ResNet-18's inference; values that are not negative order as the integers of their bits, which
// every x86-64 compares eight at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace amltrain::engine::pool_kernels {

/// Row `row` of max_pool2d(kernel 3, stride 2, padding 1) of one image height x width x channels: writes
/// (width + 1) / 2 x channels values to `out`. The values are the bits of float or bfloat16 numbers, none
/// negative, and NaN only as 0x7FC0 of bfloat16's (0 may be -0). `scratch` holds width x channels.
void max_3x3_stride_2(const std::int32_t* image, std::size_t height, std::size_t width, std::size_t channels,
                      std::size_t row, std::int32_t* scratch, std::int32_t* out);
void max_3x3_stride_2(const std::int16_t* image, std::size_t height, std::size_t width, std::size_t channels,
                      std::size_t row, std::int16_t* scratch, std::int16_t* out);

/// Its gradient, of one image: that of each window goes to the first of its values that is the largest.
/// `pooled` and `gradient`: what came out, and its gradient as bits. Writes height x width x channels bits to
/// `out`; `scratch` holds (3 x width + 1) x channels.
void max_3x3_stride_2_gradient(const std::int32_t* image, const std::int32_t* pooled,
                               const std::int32_t* gradient, std::size_t height, std::size_t width,
                               std::size_t channels, float* scratch, std::int32_t* out);
void max_3x3_stride_2_gradient(const std::int16_t* image, const std::int16_t* pooled,
                               const std::int16_t* gradient, std::size_t height, std::size_t width,
                               std::size_t channels, float* scratch, std::int16_t* out);

}  // namespace amltrain::engine::pool_kernels
