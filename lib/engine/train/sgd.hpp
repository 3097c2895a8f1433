// The optimiser and its schedule.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace amltrain::engine {

/// torch.optim.SGD(parameters, lr, momentum): v = momentum * v + g; p = p - lr * v. No dampening, no weight
/// decay.
class Sgd {
 public:
  Sgd(std::vector<at::Tensor> parameters, double momentum);

  void step(double learning_rate);
  /// Drops the gradients (set_to_none): their memory is free for the next forward pass.
  void zero_grad();
  /// One a parameter, in their order; sharing the optimiser's memory.
  const std::vector<at::Tensor>& velocities() const { return velocities_; }

 private:
  std::vector<at::Tensor> parameters_, velocities_;
  double momentum_;
};

/// torch.optim.lr_scheduler.StepLR: `base` times `gamma` for every `step_size` epochs done before `epoch`
/// (0-based), multiplied one by one as the scheduler does, so that the bits are the same.
double step_lr(double base, double gamma, int step_size, int epoch);

}  // namespace amltrain::engine
