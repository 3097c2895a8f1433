// Stochastic gradient descent.
#pragma once

#include "engine/train/optimiser.hpp"

namespace amltrain::engine {

/// torch.optim.SGD(parameters, lr, momentum, weight_decay): g = g + weight_decay * p; v = momentum * v + g;
/// p = p - lr * v. No dampening.
class Sgd final : public Optimiser {
 public:
  Sgd(std::vector<ParameterGroup> groups, double momentum, double weight_decay = 0);

  /// velocity.N, one a parameter, in their order.
  StateDict state() const override;

 private:
  void update(std::size_t group, const std::vector<at::Tensor>& gradients, double rate) override;

  std::vector<std::vector<at::Tensor>> velocities_;  // by group
  double momentum_, weight_decay_;
};

}  // namespace amltrain::engine
