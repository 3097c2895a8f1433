// The gradient of a convolution's weight in bfloat16, where oneDNN is furthest from what the processor can
// multiply (AVX-512 without AMX): every weight is a sum over all pixels of the batch, and an instruction
// takes two pixels at a time. Pairs are made of the same pixel of two images, so that the input is packed
// once for all shifts of the kernel.
#pragma once

#include <ATen/core/Tensor.h>

namespace amltrain::engine {

/// True where weight_gradient() is quicker than oneDNN: bfloat16 in channels last on this CPU, one group,
/// channels in multiples of 32; a 1 x 1 kernel between many channels only, as packing takes longer than what
/// is gained otherwise.
bool has_weight_gradient(const at::Tensor& input, const at::Tensor& gradient, std::int64_t kernel,
                         std::int64_t groups);

/// input: N x I x H x W; gradient of the output: N x O x H' x W'; the padding is kernel / 2. Returns float
/// O x I x K x K, channels last.
at::Tensor weight_gradient(const at::Tensor& input, const at::Tensor& gradient, std::int64_t kernel,
                           std::int64_t stride);

}  // namespace amltrain::engine
