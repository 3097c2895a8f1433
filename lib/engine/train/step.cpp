#include "engine/train/step.hpp"

#include <cmath>

#include "engine/nn/training_pass.hpp"
#include "engine/torch.hpp"
#include "engine/train/autocast.hpp"

namespace amltrain::engine {

BatchResult train_step(const ResNet& model, Sgd& optimiser, double learning_rate, const at::Tensor& images,
                       const at::Tensor& labels, bool bf16) {
  TrainingPass pass(model, bf16 ? at::kBFloat16 : at::kFloat);
  const at::Tensor logits = pass.forward(images).requires_grad_();
  const at::Tensor loss = at::cross_entropy_loss(logits, labels);
  BatchResult result;
  result.correct = logits.detach().argmax(1).eq(labels).sum().item<std::int64_t>();
  result.loss = loss.item<double>();
  if (!std::isfinite(result.loss)) return result;
  loss.backward();
  pass.backward(logits.grad());
  optimiser.step(learning_rate);
  optimiser.zero_grad();  // here, not before the next step: a validation phase does without their memory
  return result;
}

at::Tensor infer(ResNet& model, const at::Tensor& images, bool bf16) {
  const c10::InferenceMode inference;
  const Autocast autocast(model.placement().device.type(), bf16);
  model.set_training(false);
  return model.forward(images).to(at::kFloat);
}

at::Tensor images_of(const Batch& batch, int image_size, const Placement& placement) {
  float* const data = const_cast<float*>(batch.images.data());  // from_blob wants it so; nothing writes
  const at::Tensor images = at::from_blob(data, {batch.count, 3, image_size, image_size}, at::kFloat);
  return images.to(images.options().device(placement.device), false, false, placement.format);
}

at::Tensor labels_of(const Batch& batch, const Placement& placement) {
  auto* const data = const_cast<std::int64_t*>(batch.labels.data());
  return at::from_blob(data, {batch.count}, at::kLong).to(placement.device);
}

}  // namespace amltrain::engine
