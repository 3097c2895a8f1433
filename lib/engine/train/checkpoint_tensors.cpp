#include <string_view>

#include "engine/torch.hpp"
#include "engine/train/checkpoint.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr std::string_view kModel = "model.", kVelocity = "velocity.", kChannelsLast = "@nhwc";

void add(StateDict& to, const std::string& name, const at::Tensor& tensor) {
  const bool channels_last =
      !tensor.is_contiguous() && tensor.dim() == 4 && tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
  if (channels_last)
    to.entries.emplace_back(name + std::string(kChannelsLast), tensor.detach().permute({0, 2, 3, 1}));
  else
    to.entries.emplace_back(name, tensor.detach());
}

/// Without prefix, and in the order of dimensions that torchvision has.
StateDict under(std::string_view prefix, const StateDict& tensors) {
  StateDict found;
  for (const auto& [name, tensor] : tensors.entries) {
    if (!name.starts_with(prefix)) continue;
    std::string rest = name.substr(prefix.size());
    const bool channels_last = rest.ends_with(kChannelsLast) && tensor.dim() == 4;
    if (channels_last) rest.resize(rest.size() - kChannelsLast.size());
    found.entries.emplace_back(std::move(rest), channels_last ? tensor.permute({0, 3, 1, 2}) : tensor);
  }
  return found;
}

}  // namespace

StateDict changing_tensors(const ResNet& model, const Sgd& optimiser) {
  StateDict tensors;
  for (const auto& [name, tensor] : model.state().entries) add(tensors, std::string(kModel) + name, tensor);
  for (std::size_t i = 0; i < optimiser.velocities().size(); ++i)
    add(tensors, std::string(kVelocity) + std::to_string(i), optimiser.velocities()[i]);
  return tensors;
}

void restore_tensors(const StateDict& tensors, const std::string& origin, const ResNet& model,
                     const Sgd& optimiser) {
  const at::NoGradGuard no_grad;
  load_state(model, under(kModel, tensors), origin, Head::load);
  const StateDict velocities = under(kVelocity, tensors);
  for (std::size_t i = 0; i < optimiser.velocities().size(); ++i) {
    const at::Tensor& velocity = optimiser.velocities()[i];
    const at::Tensor* given = velocities.find(std::to_string(i));
    if (!given || given->sizes() != velocity.sizes())
      throw Error(category::bad_input, origin + ": holds no velocity of parameter " + std::to_string(i));
    velocity.copy_(*given);
  }
}

StateDict in_model_order(const StateDict& weights, const std::string& origin, const ResNet& model) {
  StateDict ordered;
  for (const auto& [name, tensor] : model.state().entries) {
    const at::Tensor* one = weights.find(name);
    if (!one || one->sizes() != tensor.sizes())
      throw Error(category::bad_input, origin + ": its best weights have no " + name);
    ordered.entries.emplace_back(name, *one);
  }
  return ordered;
}

}  // namespace amltrain::engine
