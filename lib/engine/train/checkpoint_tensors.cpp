#include <string_view>

#include "engine/torch.hpp"
#include "engine/train/checkpoint.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr std::string_view kModel = "model.", kEma = "ema.", kBest = "best.";

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

void pack_tensors(const TrainState& state, StateDict& into) {
  const at::NoGradGuard no_grad;
  std::size_t at = 0;
  const auto add = [&](std::string_view prefix, const StateDict& tensors) {
    for (const auto& [name, tensor] : tensors.entries)
      copy_into(std::string(prefix) + name, tensor, into, at++);
  };
  add(kModel, state.model.state());
  add("", state.optimiser->state());
  if (state.ema) add(kEma, state.ema->model().state());
  into.entries.resize(at);
  for (const auto& [name, tensor] : state.best_state.entries)
    into.entries.emplace_back(std::string(kBest) + name, tensor);
}

void unpack_tensors(const StateDict& tensors, const std::string& origin, TrainState& state) {
  const at::NoGradGuard no_grad;
  load_state(state.model, under(kModel, tensors), origin, Head::load);
  for (const auto& [name, tensor] : state.optimiser->state().entries) {
    const at::Tensor* given = tensors.find(name);
    if (!given || given->sizes() != tensor.sizes())
      throw Error(category::bad_input, origin + ": the optimiser's " + name + " is not in it");
    tensor.copy_(*given);
  }
  if (state.ema) load_state(state.ema->model(), under(kEma, tensors), origin, Head::load);
  // In the model's order, which is that of the file it will be saved as.
  const StateDict given = under(kBest, tensors);
  state.best_state.entries.clear();
  if (given.entries.empty()) return;
  for (const auto& [name, tensor] : state.model.state().entries) {
    const at::Tensor* one = given.find(name);
    if (!one || one->sizes() != tensor.sizes())
      throw Error(category::bad_input, origin + ": its best weights have no " + name);
    state.best_state.entries.emplace_back(name, *one);
  }
}

}  // namespace amltrain::engine
