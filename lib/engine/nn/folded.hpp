// A ResNet for inference: what ResNet::forward computes in evaluation mode, from a copy of the weights made
// for it. Batch norm is folded into the convolutions, the weights are rounded once and laid out for the
// kernels.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "engine/nn/fused_conv.hpp"
#include "engine/nn/resnet.hpp"

namespace amltrain::engine {

class FoldedNetwork {
 public:
  /// Images at a time whose activations still find room in the last-level cache; 32 are no quicker.
  static constexpr int kGoodBatch = 16;

  /// Takes the weights as they are now. `compute`: float, or what convolutions are to be computed in
  /// (bfloat16, half); the features and fc are float. It computes `batch` images of image_size x image_size
  /// at a time, never more or fewer, so that what it gives for an image does not depend on those around it.
  FoldedNetwork(const ResNet& model, at::ScalarType compute, int image_size, int batch);

  /// Float images N x 3 x image_size x image_size, N of any size and on any device, to what fc is given:
  /// float N x spec().features() where the model lies.
  at::Tensor features(const at::Tensor& images) const;
  /// float N x classes.
  at::Tensor logits(const at::Tensor& images) const;

 private:
  struct Block {
    std::vector<FusedConv> path;
    std::optional<FusedConv> shortcut;
  };
  at::Tensor compute(const at::Tensor& images, bool with_fc) const;
  at::Tensor features_of_input() const;

  FusedConv::Kernels kernels_;
  at::Tensor input_;  // batch x 3 x image_size x image_size in the type and layout that is computed in
  std::vector<FusedConv> stem_;
  std::vector<Block> blocks_;
  Linear fc_;
};

}  // namespace amltrain::engine
