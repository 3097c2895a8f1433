// The gradient of a convolution's weight in bfloat16, where oneDNN reaches half of what the processor can
// multiply (180 against 390 GFLOP/s and more, AVX-512 without AMX): every weight is a sum over all pixels of
// the batch, and an instruction takes two pixels at a time. Pairs are made of the same pixel of two images, so
// that the input is packed once for all shifts of the kernel.
#pragma once

#include <ATen/core/Tensor.h>

namespace amltrain::engine {

/// True when weight_gradient() computes this on this processor: bfloat16 on the CPU in channels last, one
/// group, 32 output channels or a multiple, 16 input channels or a multiple, or fewer.
bool has_weight_gradient(const at::Tensor& input, const at::Tensor& gradient, int groups);

/// input: N x I x H x W; gradient of the output: N x O x H' x W'. Returns float O x I x K x K, channels last.
at::Tensor weight_gradient(const at::Tensor& input, const at::Tensor& gradient, int kernel, int stride,
                           int padding);

}  // namespace amltrain::engine
