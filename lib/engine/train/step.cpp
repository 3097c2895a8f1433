#include "engine/train/step.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/nn/training_pass.hpp"
#include "engine/torch.hpp"
#include "engine/train/autocast.hpp"
#include "engine/train/out_of_memory.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

Step::Step(const ResNet& model, Optimiser& optimiser, const StepOptions& options)
    : model_(model), optimiser_(optimiser), options_(options), graph_(optimiser) {
  if (options.ranks == nullptr) return;
  statistics_.emplace(model);
  exchange_.emplace(optimiser.trained(), *options.ranks, options.exchange);
}

at::ScalarType Step::compute() const {
  return options_.scaler ? at::kHalf : options_.bf16 ? at::kBFloat16 : at::kFloat;
}

bool Step::learn(const at::Tensor& images, const Target& target, bool alone, Outcome& sum) {
  const auto count = static_cast<double>(images.size(0));
  // Kept features are float, and fc on them costs nothing: no need to round them.
  const at::ScalarType type = images.dim() == 4 ? compute() : at::kFloat;
  // In float, autograd's batch norm is torch's to the bit, and what is written out gains a tenth of that.
  std::optional<TrainingPass> pass;
  if (type == at::kBFloat16 && images.is_cpu()) pass.emplace(model_, type);
  at::Tensor logits;
  if (pass) {
    logits = pass->forward(images).requires_grad_();
  } else {
    const Autocast autocast(images.device().type(), type);
    logits = model_.forward(images).to(at::kFloat);
  }
  const at::Tensor loss = loss_of(logits, target, options_.label_smoothing);
  const at::Tensor correct = hits_of(logits, target);
  const bool fine = !images.is_cpu() || std::isfinite(loss.item<double>());
  const at::Tensor weighted = alone ? loss : loss.mul(count);
  if (fine) (options_.scaler ? options_.scaler->scaled(weighted) : weighted).backward();
  if (fine && pass)
    pass->backward(logits.grad(), [this](const at::Tensor& parameter) {
      if (exchange_) exchange_->ready(parameter);
    });
  sum.loss = sum.loss.defined() ? sum.loss.add(weighted.detach()) : weighted.detach();
  sum.correct = sum.correct.defined() ? sum.correct.add(correct) : correct;
  return fine;
}

/// The rank's last batch of a step: its gradients are added to those of the others, and go to other ranks as
/// they get ready. What went can't be taken back, so there is no computing in parts any more.
void Step::learn_and_exchange(const at::Tensor& images, const Target& target, Outcome& sum) {
  exchange_->begin();
  try {
    learn(images, target, false, sum);
  } catch (const std::exception& problem) {
    if (!is_out_of_memory(problem)) throw;
    throw Error(category::environment,
                "memory was too small for a batch, of which gradients had gone to other ranks already",
                "take a smaller --batch-size, or free memory");
  }
}

bool Step::learn_recorded(const at::Tensor& images, const Target& target, Outcome& sum) {
  if (!options_.cuda_graph || !images.is_cuda()) return false;
  const auto work = [this](const at::Tensor& all, const Target& labels, Outcome& into) {
    learn(all, labels, true, into);
  };
  try {
    return graph_.run(images, target, work, sum);
  } catch (const std::exception& problem) {
    if (!is_out_of_memory(problem)) throw;
    options_.cuda_graph = false;  // a recording takes as much memory again
    optimiser_.zero_grad();
    return false;
  }
}

Outcome Step::add(const at::Tensor& images, const Target& target) {
  const std::int64_t count = images.size(0);
  Outcome outcome;
  outcome.images = static_cast<int>(count);
  bool whole = options_.batches == 1 && options_.ranks == nullptr;
  if (statistics_) statistics_->before_batch();
  if (whole && count <= options_.micro_batch && learn_recorded(images, target, outcome)) {
    summed_ = false;
    images_ = count;
    return outcome;
  }
  if (exchange_ && ++added_ == options_.batches && count <= std::min(options_.fitted, options_.micro_batch)) {
    whole = false;
    learn_and_exchange(images, target, outcome);
  } else {
    whole = learn_in_parts(images, target, whole, outcome);
  }
  summed_ = !whole;
  if (!whole) outcome.loss = outcome.loss.div(static_cast<double>(count));
  images_ += count;
  if (statistics_) statistics_->after_batch();
  return outcome;
}

bool Step::learn_in_parts(const at::Tensor& images, const Target& target, bool whole, Outcome& sum) {
  const std::int64_t count = images.size(0);
  for (std::int64_t first = 0; first < count;) {
    const std::int64_t size = std::min(options_.micro_batch, count - first);
    whole = whole && size == count;
    // Set aside, so that a part which fails halfway leaves them as they were.
    const std::vector<at::Tensor> before = optimiser_.take_gradients();
    try {
      const bool fine = learn(images.narrow(0, first, size), target.part(first, size), whole, sum);
      optimiser_.add_gradients(before);
      if (size == count && updated_) options_.fitted = std::max(options_.fitted, count);
      if (!fine) break;
      first += size;
    } catch (const std::exception& problem) {
      optimiser_.zero_grad();
      optimiser_.add_gradients(before);
      if (!is_out_of_memory(problem) || size == 1) throw;
      if (statistics_) statistics_->take_back();
      options_.micro_batch = (size + 1) / 2;
      options_.fitted = 0;
    }
  }
  return whole;
}

void Step::exchange() { exchange_->finish(); }

void Step::finish(double learning_rate, const ImagesOfRanks& all) {
  added_ = 0;
  images_ = all.images;
  summed_ = true;
  if (images_ == 0) return optimiser_.zero_grad();
  statistics_->combine(*options_.ranks, all.batches);
  finish(learning_rate);
}

void Step::finish(double learning_rate) {
  if (images_ == 0) return;
  const std::vector<at::Tensor> gradients = optimiser_.gradients();
  if (summed_) {
    const at::NoGradGuard no_grad;
    at::_foreach_mul_(gradients, 1 / static_cast<double>(images_));
  }
  const bool fine = !options_.scaler || options_.scaler->unscale(gradients);
  if (options_.clip_grad_norm > 0) clip_grad_norm(gradients, options_.clip_grad_norm);
  if (fine) optimiser_.step(learning_rate);
  updated_ = true;
  if (options_.scaler) options_.scaler->update();
  optimiser_.zero_grad();  // here, not before the next step: a validation phase does without their memory
  images_ = 0;
}

at::Tensor infer(ResNet& model, const at::Tensor& images, at::ScalarType compute) {
  const c10::InferenceMode inference;
  const Autocast autocast(model.placement().device.type(), compute);
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
