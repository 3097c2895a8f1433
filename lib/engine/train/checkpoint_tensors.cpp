#include <string_view>

#include "engine/torch.hpp"
#include "engine/train/checkpoint.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr std::string_view kModel = "model.", kVelocity = "velocity.", kBest = "best.";

/// Contiguous, since that is how files have them.
void copy_into(const std::string& name, const at::Tensor& tensor, StateDict& into, std::size_t at) {
  if (at == into.entries.size())
    into.entries.emplace_back(name, at::empty(tensor.sizes(), tensor.options().device(at::kCPU)));
  into.entries[at].second.copy_(tensor);
}

StateDict under(std::string_view prefix, const StateDict& tensors) {
  StateDict found;
  for (const auto& [name, tensor] : tensors.entries)
    if (name.starts_with(prefix)) found.entries.emplace_back(name.substr(prefix.size()), tensor);
  return found;
}

}  // namespace

void pack_tensors(const ResNet& model, const Sgd& optimiser, const StateDict& best, StateDict& into) {
  const at::NoGradGuard no_grad;
  std::size_t at = 0;
  for (const auto& [name, tensor] : model.state().entries)
    copy_into(std::string(kModel) + name, tensor, into, at++);
  for (std::size_t i = 0; i < optimiser.velocities().size(); ++i)
    copy_into(std::string(kVelocity) + std::to_string(i), optimiser.velocities()[i], into, at++);
  into.entries.resize(at);
  for (const auto& [name, tensor] : best.entries)
    into.entries.emplace_back(std::string(kBest) + name, tensor);
}

void unpack_tensors(const StateDict& tensors, const std::string& origin, const ResNet& model,
                    const Sgd& optimiser, StateDict& best) {
  const at::NoGradGuard no_grad;
  load_state(model, under(kModel, tensors), origin, Head::load);
  for (std::size_t i = 0; i < optimiser.velocities().size(); ++i) {
    const at::Tensor& velocity = optimiser.velocities()[i];
    const at::Tensor* given = tensors.find(std::string(kVelocity) + std::to_string(i));
    if (!given || given->sizes() != velocity.sizes())
      throw Error(category::bad_input, origin + ": holds no velocity of parameter " + std::to_string(i));
    velocity.copy_(*given);
  }
  // In the model's order, which is that of the file it will be saved as.
  const StateDict given = under(kBest, tensors);
  best.entries.clear();
  if (given.entries.empty()) return;
  for (const auto& [name, tensor] : model.state().entries) {
    const at::Tensor* one = given.find(name);
    if (!one || one->sizes() != tensor.sizes())
      throw Error(category::bad_input, origin + ": its best weights have no " + name);
    best.entries.emplace_back(name, *one);
  }
}

}  // namespace amltrain::engine
