// The two poolings of a ResNet, for inference.
#pragma once

#include <ATen/core/Tensor.h>

namespace amltrain::engine {

/// max_pool2d(x, 3, 2, 1) of float or bfloat16 on the CPU, channels last, with no value negative or NaN: what
/// a fused ReLU gives.
at::Tensor max_pool_of_relu(const at::Tensor& x);

/// The mean over height and width, N x C x H x W to float N x C.
at::Tensor spatial_mean(const at::Tensor& x);

}  // namespace amltrain::engine
