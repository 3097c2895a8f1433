// A convolution with its batch norm folded in, and what follows it computed before its result leaves the
// cache.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/nn/layers.hpp"

namespace amltrain::engine {

/// weight = W * scale / sqrt(running_var + eps), bias = shift - running_mean * scale / sqrt(running_var +
/// eps), computed in double, rounded once to float.
struct FoldedWeights {
  at::Tensor weight, bias;
};
FoldedWeights fold(const ConvNorm& unit);

/// True where oneDNN computes fused convolutions of this type at speed: on this CPU, fp32 with any
/// instructions, bf16 where it has them.
bool can_fuse(const at::Device& device, at::ScalarType compute);

class FusedConv {
 public:
  enum class Kernels { onednn, plain };

  /// `input`: the sizes of what it will be given, N x C x H x W; the weights are laid out for them. With
  /// Kernels::onednn, a NaN that enters a ReLU leaves it as 0.
  FusedConv(const ConvNorm& unit, const FoldedWeights& folded, at::ScalarType compute, at::IntArrayRef input,
            Kernels kernels);

  at::Tensor operator()(const at::Tensor& x) const;
  at::Tensor relu(const at::Tensor& x) const;
  /// relu(conv(x) + residual); the residual's memory may be used for it.
  at::Tensor add_relu(const at::Tensor& x, const at::Tensor& residual) const;
  std::vector<std::int64_t> output_sizes() const { return output_; }

 private:
  at::Tensor pointwise(const at::Tensor& x, const char* unary) const;

  at::Tensor weight_, bias_;
  std::int64_t stride_, padding_, groups_;
  std::vector<std::int64_t> output_;
  Kernels kernels_;
};

}  // namespace amltrain::engine
