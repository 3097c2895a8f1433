// The layers of a ResNet: handles of tensors and what is computed with them.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

namespace amltrain::engine {

/// Convolution without bias, then batch norm (eps 1e-5, momentum 0.1).
struct ConvNorm {
  at::Tensor weight;
  at::Tensor scale, shift, running_mean, running_var, batches;
  int stride = 1;
  int groups = 1;

  at::Tensor operator()(const at::Tensor& x, bool training) const;
};

/// ReLU between the units of `path`, and after the shortcut was added.
struct Residual {
  std::vector<ConvNorm> path;        // two units in a basic block, three in a bottleneck
  std::optional<ConvNorm> shortcut;  // absent: the input itself

  at::Tensor operator()(const at::Tensor& x, bool training) const;
};

struct Linear {
  at::Tensor weight, bias;

  at::Tensor operator()(const at::Tensor& x) const;
};

}  // namespace amltrain::engine
