// One batch, one optimiser step: what most tests of the step do.
#pragma once

#include "engine/train/running.hpp"
#include "engine/train/step.hpp"

namespace amltrain::test {

/// The weights stay as they are when the loss is not finite.
engine::BatchResult one_step(const engine::ResNet& model, engine::Optimiser& optimiser, double learning_rate,
                             const at::Tensor& images, const at::Tensor& labels,
                             const engine::StepOptions& options = {});

}  // namespace amltrain::test
