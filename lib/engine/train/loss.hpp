// What a batch is learnt from, and how wrong the network is about it.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/data/mixing.hpp"

namespace amltrain::engine {

struct Target {
  at::Tensor labels;         // N, int64
  at::Tensor mixed_in = {};  // labels of the images mixed in; undefined without mixing
  double share = 1;          // of the image itself, see Mixing

  Target part(std::int64_t first, std::int64_t count) const;
};

/// Mixes images (N x C x H x W) and target as `mixing` says.
void mix(const Mixing& mixing, at::Tensor& images, Target& target);

/// Mean cross entropy over the batch, a scalar: torch.nn.functional.cross_entropy(label_smoothing=...), of
/// both labels by their shares.
at::Tensor loss_of(const at::Tensor& logits, const Target& target, double label_smoothing);

/// Images whose largest logit is that of their label, of a mixed image of the label with the larger share; an
/// int64 scalar.
at::Tensor hits_of(const at::Tensor& logits, const Target& target);

}  // namespace amltrain::engine
