// One batch through the network: forward, loss, backward, update; or forward and loss alone.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/data/loader.hpp"
#include "engine/nn/resnet.hpp"
#include "engine/train/sgd.hpp"

namespace amltrain::engine {

struct BatchResult {
  double loss = 0;           // mean cross entropy over the batch
  std::int64_t correct = 0;  // images whose largest logit is their label's
};

/// When the loss is not finite, the weights are left as they were.
BatchResult train_step(const ResNet& model, Sgd& optimiser, double learning_rate, const at::Tensor& images,
                       const at::Tensor& labels, bool bf16);

/// Float logits, N x classes, in evaluation mode; sets the model to it.
at::Tensor infer(ResNet& model, const at::Tensor& images, bool bf16);

/// The batch as tensors where the model lies; on the CPU they view the batch's memory.
at::Tensor images_of(const Batch& batch, int image_size, const Placement& placement);
at::Tensor labels_of(const Batch& batch, const Placement& placement);

}  // namespace amltrain::engine
