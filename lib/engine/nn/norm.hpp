// Batch norm of a training step with what stands around it in a ResNet: the addition of a shortcut and the
// ReLU after it, forward and backward. On the CPU, in channels last, in one or two passes over the
// activations (norm_kernels.hpp); elsewhere by ATen's operators, one after the other. Ioffe and Szegedy 2015,
// arXiv:1502.03167, algorithm 1; the running variance is the unbiased one, as torch's.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/nn/layers.hpp"

namespace amltrain::engine {

/// x is of the CPU, of a type and laid out as the fused loops need it.
bool has_norm_kernels(const at::Tensor& x);

/// Of the forward pass, for the backward one; float, one a channel.
struct NormTape {
  at::Tensor mean, inverse_std;
  at::Tensor reserve;  // cuDNN's own
};

/// relu(batch_norm(x) + residual) with the statistics of x, which also move the running ones of `norm`.
/// x: N x C x H x W, float or bfloat16; `residual`: like x, or undefined; without `relu` the last step is
/// left out. `tape` is filled.
at::Tensor norm_forward(const ConvNorm& norm, const at::Tensor& x, const at::Tensor& residual, bool relu,
                        NormTape& tape);

struct NormGradients {
  at::Tensor x;             // like x
  at::Tensor sum;           // of batch_norm(x) + residual: what goes on into the shortcut; may be absent
  at::Tensor scale, shift;  // float, C
};

/// The gradient of the output is `one + other` (`other` may be undefined), both laid out as x; y is the
/// output when it went through a ReLU, else undefined. NormGradients::sum is there when `keep_sum`.
NormGradients norm_backward(const ConvNorm& norm, const NormTape& tape, const at::Tensor& x,
                            const at::Tensor& y, const at::Tensor& one, const at::Tensor& other,
                            bool keep_sum);

}  // namespace amltrain::engine
