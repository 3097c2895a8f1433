#include "engine/train/one_step.hpp"

#include <cmath>

#include "engine/torch.hpp"

namespace amltrain::test {

engine::BatchResult one_step(const engine::ResNet& model, engine::Optimiser& optimiser, double learning_rate,
                             const at::Tensor& images, const at::Tensor& labels,
                             const engine::StepOptions& options) {
  engine::Step step(model, optimiser, options);
  const engine::Outcome outcome = step.add(images, {labels});
  const double loss = outcome.loss.item<double>();
  if (std::isfinite(loss)) step.finish(learning_rate);
  return {loss, outcome.correct.item<std::int64_t>(), outcome.images};
}

}  // namespace amltrain::test
