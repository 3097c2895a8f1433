#include "engine/train/snapshot.hpp"

#include "engine/torch.hpp"
#include "engine/train/checkpoint.hpp"

namespace amltrain::engine {

void Snapshot::take(const TrainState& state, const Position& at, MetricsMark metrics) {
  const at::NoGradGuard no_grad;
  const StateDict tensors = changing_tensors(state);
  const bool first = tensors_.empty();
  for (std::size_t i = 0; i < tensors.entries.size(); ++i)
    if (first)
      tensors_.push_back(tensors.entries[i].second.clone());
    else
      tensors_[i].copy_(tensors.entries[i].second);
  at_ = at;
  summary_ = state.summary;
  metrics_ = std::move(metrics);
}

void Snapshot::restore(TrainState& state) const {
  const at::NoGradGuard no_grad;
  const StateDict tensors = changing_tensors(state);
  for (std::size_t i = 0; i < tensors_.size(); ++i) tensors.entries[i].second.copy_(tensors_[i]);
  state.optimiser->zero_grad();
  state.summary = summary_;
  state.watch = {};
}

}  // namespace amltrain::engine
