// The two poolings of a ResNet.
#pragma once

#include <ATen/core/Tensor.h>

namespace amltrain::engine {

/// max_pool2d(x, 3, 2, 1) of float or bfloat16 on the CPU, channels last, with no value negative: what a
/// fused ReLU gives, and norm_forward().
at::Tensor max_pool_of_relu(const at::Tensor& x);
/// Its gradient, like x, from that of the result, like the result.
at::Tensor max_pool_of_relu_backward(const at::Tensor& x, const at::Tensor& pooled,
                                     const at::Tensor& gradient);

/// The mean over height and width, N x C x H x W to float N x C.
at::Tensor spatial_mean(const at::Tensor& x);

}  // namespace amltrain::engine
