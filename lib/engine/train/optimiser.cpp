#include "engine/train/optimiser.hpp"

#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/linalg_vector_norm.h>

#include "engine/nn/shapes.hpp"
#include "engine/torch.hpp"
#include "engine/train/adamw.hpp"
#include "engine/train/sgd.hpp"

namespace amltrain::engine {

void Optimiser::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& parameter : groups_[i].parameters)
      if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    if (!gradients.empty()) update(i, gradients, learning_rate * groups_[i].rate_scale);
  }
}

void Optimiser::zero_grad() {
  for (const ParameterGroup& group : groups_)
    for (const at::Tensor& parameter : group.parameters) parameter.mutable_grad().reset();
}

std::vector<at::Tensor> Optimiser::take_gradients() {
  std::vector<at::Tensor> taken;
  for (const ParameterGroup& group : groups_)
    for (const at::Tensor& parameter : group.parameters) {
      taken.push_back(parameter.grad());
      parameter.mutable_grad().reset();
    }
  return taken;
}

void Optimiser::add_gradients(const std::vector<at::Tensor>& taken) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> sums, addends;
  auto one = taken.begin();
  for (const ParameterGroup& group : groups_)
    for (const at::Tensor& parameter : group.parameters) {
      const at::Tensor& addend = *one++;
      if (!addend.defined()) continue;
      if (!parameter.grad().defined()) {
        parameter.mutable_grad() = addend;
        continue;
      }
      sums.push_back(parameter.grad());
      addends.push_back(addend);
    }
  if (!sums.empty()) at::_foreach_add_(sums, addends);
}

std::vector<at::Tensor> Optimiser::gradients() const {
  std::vector<at::Tensor> gradients;
  for (const ParameterGroup& group : groups_)
    for (const at::Tensor& parameter : group.parameters)
      if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  return gradients;
}

std::vector<at::Tensor> Optimiser::trained() const {
  std::vector<at::Tensor> trained;
  for (const ParameterGroup& group : groups_)
    for (const at::Tensor& parameter : group.parameters)
      if (parameter.requires_grad()) trained.push_back(parameter);
  return trained;
}

std::vector<at::Tensor> Optimiser::zeros_like(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> zeros;
  for (const at::Tensor& parameter : parameters)
    zeros.push_back(at::zeros_like(parameter).set_requires_grad(false));
  return zeros;
}

StateDict Optimiser::numbered(const std::string& prefix, const std::vector<std::vector<at::Tensor>>& groups) {
  StateDict state;
  for (const std::vector<at::Tensor>& group : groups)
    for (const at::Tensor& tensor : group)
      state.entries.emplace_back(prefix + std::to_string(state.entries.size()), tensor);
  return state;
}

std::vector<ParameterGroup> parameter_groups(const ResNet& model, const TrainOptions& options) {
  ParameterGroup backbone{.parameters = {}, .rate_scale = options.backbone_lr_scale}, head;
  for (const auto& [name, tensor] : model.state().entries) {
    if (!is_parameter(name)) continue;
    if (is_head(name))
      head.parameters.push_back(tensor);
    else if (!options.freeze_backbone)
      backbone.parameters.push_back(tensor);
  }
  std::vector<ParameterGroup> groups{std::move(head)};
  if (!backbone.parameters.empty()) groups.insert(groups.begin(), std::move(backbone));
  return groups;
}

std::unique_ptr<Optimiser> make_optimiser(const ResNet& model, const TrainOptions& options) {
  std::vector<ParameterGroup> groups = parameter_groups(model, options);
  if (options.optimizer == OptimizerKind::adamw)
    return std::make_unique<AdamW>(std::move(groups), options.weight_decay);
  return std::make_unique<Sgd>(std::move(groups), options.momentum, options.weight_decay);
}

void clip_grad_norm(const std::vector<at::Tensor>& gradients, double max_norm) {
  if (gradients.empty()) return;
  const at::NoGradGuard no_grad;
  const at::Tensor norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients)));
  const at::Tensor factor = norm.add(1e-6).reciprocal().mul(max_norm).clamp_max(1);
  at::_foreach_mul_(gradients, factor);
}

}  // namespace amltrain::engine
