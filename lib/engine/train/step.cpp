#include "engine/train/step.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/nn/training_pass.hpp"
#include "engine/torch.hpp"
#include "engine/train/autocast.hpp"
#include "engine/train/out_of_memory.hpp"

namespace amltrain::engine {

bool Step::learn(const at::Tensor& images, const Target& target, bool alone, Outcome& sum) {
  const auto count = static_cast<double>(images.size(0));
  // Kept features are float, and fc on them costs nothing: no need to round them.
  const bool bf16 = options_.bf16 && images.dim() == 4;
  // In float, autograd's batch norm is torch's to the bit, and what is written out gains a tenth of that.
  std::optional<TrainingPass> pass;
  if (bf16 && images.is_cpu()) pass.emplace(model_, at::kBFloat16);
  at::Tensor logits;
  if (pass) {
    logits = pass->forward(images).requires_grad_();
  } else {
    const Autocast autocast(images.device().type(), bf16);
    logits = model_.forward(images).to(at::kFloat);
  }
  const at::Tensor loss = loss_of(logits, target, options_.label_smoothing);
  const at::Tensor correct = hits_of(logits, target);
  const bool fine = !images.is_cpu() || std::isfinite(loss.item<double>());
  const at::Tensor weighted = alone ? loss : loss.mul(count);
  if (fine) weighted.backward();
  if (fine && pass) pass->backward(logits.grad());
  sum.loss = sum.loss.defined() ? sum.loss.add(weighted.detach()) : weighted.detach();
  sum.correct = sum.correct.defined() ? sum.correct.add(correct) : correct;
  return fine;
}

Outcome Step::add(const at::Tensor& images, const Target& target) {
  const std::int64_t count = images.size(0);
  Outcome outcome;
  outcome.images = static_cast<int>(count);
  bool whole = !options_.several;
  for (std::int64_t first = 0; first < count;) {
    const std::int64_t size = std::min(options_.micro_batch, count - first);
    whole = whole && size == count;
    // Set aside, so that a part which fails halfway leaves them as they were.
    const std::vector<at::Tensor> before = optimiser_.take_gradients();
    try {
      const bool fine = learn(images.narrow(0, first, size), target.part(first, size), whole, outcome);
      optimiser_.add_gradients(before);
      if (!fine) break;
      first += size;
    } catch (const std::exception& problem) {
      optimiser_.zero_grad();
      optimiser_.add_gradients(before);
      if (!is_out_of_memory(problem) || size == 1) throw;
      options_.micro_batch = (size + 1) / 2;
    }
  }
  summed_ = !whole;
  if (!whole) outcome.loss = outcome.loss.div(static_cast<double>(count));
  images_ += count;
  return outcome;
}

void Step::finish(double learning_rate) {
  const std::vector<at::Tensor> gradients = optimiser_.gradients();
  if (summed_) {
    const at::NoGradGuard no_grad;
    at::_foreach_mul_(gradients, 1 / static_cast<double>(images_));
  }
  if (options_.clip_grad_norm > 0) clip_grad_norm(gradients, options_.clip_grad_norm);
  optimiser_.step(learning_rate);
  optimiser_.zero_grad();  // here, not before the next step: a validation phase does without their memory
  images_ = 0;
}

at::Tensor infer(ResNet& model, const at::Tensor& images, bool bf16) {
  const c10::InferenceMode inference;
  const Autocast autocast(model.placement().device.type(), bf16);
  model.set_training(false);
  return model.forward(images).to(at::kFloat);
}

at::Tensor images_of(const Batch& batch, const Placement& placement) {
  float* const data = const_cast<float*>(batch.images.data());  // from_blob wants it so; nothing writes
  if (batch.features > 0)
    return at::from_blob(data, {batch.count, batch.features}, at::kFloat).to(placement.device);
  const at::Tensor images =
      at::from_blob(data, {batch.count, batch.image_size, batch.image_size, 3}, at::kFloat)
          .permute({0, 3, 1, 2});
  return images.to(images.options().device(placement.device), false, false, placement.format);
}

at::Tensor labels_of(const Batch& batch, const Placement& placement) {
  auto* const data = const_cast<std::int64_t*>(batch.labels.data());
  return at::from_blob(data, {batch.count}, at::kLong).to(placement.device);
}

}  // namespace amltrain::engine
