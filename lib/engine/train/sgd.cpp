#include "engine/train/sgd.hpp"

#include "engine/torch.hpp"

namespace amltrain::engine {

Sgd::Sgd(std::vector<at::Tensor> parameters, double momentum)
    : parameters_(std::move(parameters)), momentum_(momentum) {
  // torch starts with a copy of the first gradient; zero times momentum plus that gradient is the same.
  for (const at::Tensor& parameter : parameters_)
    velocities_.push_back(at::zeros_like(parameter).set_requires_grad(false));
}

void Sgd::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters_) gradients.push_back(parameter.grad());
  at::_foreach_mul_(velocities_, momentum_);
  at::_foreach_add_(velocities_, gradients);
  at::_foreach_add_(parameters_, velocities_, -learning_rate);
}

void Sgd::zero_grad() {
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

double step_lr(double base, double gamma, int step_size, int epoch) {
  double rate = base;
  for (int done = step_size; done <= epoch; done += step_size) rate *= gamma;
  return rate;
}

}  // namespace amltrain::engine
