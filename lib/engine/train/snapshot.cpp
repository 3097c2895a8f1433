#include "engine/train/snapshot.hpp"

#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

/// Sharing their memory, always in the same order.
std::vector<at::Tensor> changing(const TrainState& state) {
  std::vector<at::Tensor> tensors;
  const auto add = [&](const StateDict& from) {
    for (const auto& [name, tensor] : from.entries) tensors.push_back(tensor);
  };
  add(state.model.state());
  add(state.optimiser->state());
  if (state.ema) add(state.ema->model().state());
  return tensors;
}

}  // namespace

void Snapshot::take(const TrainState& state, const Position& at, MetricsMark metrics) {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> tensors = changing(state);
  const bool first = tensors_.empty();
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (first)
      tensors_.push_back(tensors[i].detach().clone());
    else
      tensors_[i].copy_(tensors[i]);
  at_ = at;
  summary_ = state.summary;
  metrics_ = std::move(metrics);
}

void Snapshot::restore(TrainState& state) const {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> tensors = changing(state);
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].copy_(tensors_[i]);
  state.optimiser->zero_grad();
  state.summary = summary_;
  state.watch = {};
}

}  // namespace amltrain::engine
