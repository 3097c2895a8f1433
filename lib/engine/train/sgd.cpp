#include "engine/train/sgd.hpp"

#include "engine/torch.hpp"

namespace amltrain::engine {

Sgd::Sgd(std::vector<ParameterGroup> groups, double momentum, double weight_decay)
    : Optimiser(std::move(groups)), momentum_(momentum), weight_decay_(weight_decay) {
  // torch starts with a copy of the first gradient; zero times momentum plus that gradient is the same.
  for (const ParameterGroup& group : this->groups()) velocities_.push_back(zeros_like(group.parameters));
}

void Sgd::update(std::size_t group, const std::vector<at::Tensor>& gradients, double rate) {
  const std::vector<at::Tensor>& parameters = groups()[group].parameters;
  const std::vector<at::Tensor>& velocities = velocities_[group];
  at::_foreach_mul_(velocities, momentum_);
  at::_foreach_add_(velocities,
                    weight_decay_ == 0 ? gradients : at::_foreach_add(gradients, parameters, weight_decay_));
  at::_foreach_add_(parameters, velocities, -rate);
}

StateDict Sgd::state() const { return numbered("velocity.", velocities_); }

}  // namespace amltrain::engine
