#include <string_view>

#include "engine/torch.hpp"
#include "engine/train/checkpoint.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr std::string_view kModel = "model.", kEma = "ema.", kChannelsLast = "@nhwc";

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

StateDict changing_tensors(const TrainState& state) {
  StateDict tensors;
  const auto add_all = [&](std::string_view prefix, const StateDict& from) {
    for (const auto& [name, tensor] : from.entries) add(tensors, std::string(prefix) + name, tensor);
  };
  add_all(kModel, state.model.state());
  add_all("", state.optimiser->state());
  if (state.scaler) add_all("", state.scaler->state());
  if (state.ema) add_all(kEma, state.ema->model().state());
  return tensors;
}

void restore_tensors(const StateDict& tensors, const std::string& origin, TrainState& state) {
  const at::NoGradGuard no_grad;
  load_state(state.model, under(kModel, tensors), origin, Head::load);
  const StateDict all = under("", tensors);
  const auto restore = [&](const char* owner, const StateDict& into) {
    for (const auto& [name, tensor] : into.entries) {
      const at::Tensor* given = all.find(name);
      if (!given || given->sizes() != tensor.sizes())
        throw Error(category::bad_input, origin + ": the " + owner + "'s " + name + " is not in it");
      tensor.copy_(*given);
    }
  };
  restore("optimiser", state.optimiser->state());
  if (state.scaler) restore("scaler", state.scaler->state());
  if (state.ema) load_state(state.ema->model(), under(kEma, tensors), origin, Head::load);
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
