// One pass of a training step through a ResNet, forward and back, written out: what a block keeps for its
// backward pass is known, and so is where gradients meet, which autograd has to find out at each step.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "engine/nn/norm.hpp"
#include "engine/nn/resnet.hpp"

namespace amltrain::engine {

class TrainingPass {
 public:
  /// `compute` is float, or bfloat16 or half with casts of the float weights: what autocast would compute in.
  TrainingPass(const ResNet& model, at::ScalarType compute);

  /// Images N x 3 x H x W, in any type, to float logits N x classes; batch norm takes the statistics of the
  /// batch and moves its running ones.
  at::Tensor forward(const at::Tensor& images);

  /// Called with each parameter, once its grad() is whole.
  using Ready = std::function<void(const at::Tensor& parameter)>;
  /// From the gradient of the logits (float, N x classes): adds to grad() of every trainable parameter.
  /// Below the first of those, nothing is computed. Once after each forward().
  void backward(const at::Tensor& logits_gradient, Ready ready = {});

 private:
  struct UnitTape {
    at::Tensor weight;  // as it was computed with
    at::Tensor input, normed_input, output;
    NormTape norm;
  };
  struct BlockTape {
    std::vector<UnitTape> path;
    UnitTape shortcut;
  };
  /// What flows back into one tensor: a sum of up to two.
  struct Incoming {
    at::Tensor one, other;
  };

  // Without a tape (null), nothing is kept.
  at::Tensor forward(const ConvNorm& unit, const at::Tensor& x, const at::Tensor& residual, bool relu,
                     UnitTape* tape) const;
  at::Tensor forward(const Residual& block, const at::Tensor& x, BlockTape* tape) const;
  Incoming backward(const Residual& block, BlockTape& tape, const Incoming& gradient, bool wants_input) const;
  NormGradients backward_norm(const ConvNorm& unit, UnitTape& tape, const Incoming& gradient,
                              bool keep_sum) const;
  at::Tensor backward_conv(const ConvNorm& unit, UnitTape& tape, const at::Tensor& gradient,
                           bool wants_input) const;
  void backward_stem(const Incoming& gradient);
  void add_gradient(const at::Tensor& parameter, const at::Tensor& gradient) const;
  at::Tensor backward_head(const at::Tensor& logits_gradient, bool wants_input);

  const ResNet& model_;
  at::ScalarType compute_;
  Ready ready_;
  bool trains_stem_;
  std::size_t first_;  // of the blocks that are, or lie above, one that is trained
  UnitTape stem_;
  at::Tensor pooled_stem_, pool_indices_;  // the one or the other
  std::vector<BlockTape> blocks_;
  at::Tensor last_, pooled_, fc_weight_;
};

}  // namespace amltrain::engine
