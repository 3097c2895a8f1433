#include "engine/train/adamw.hpp"

#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_sqrt.h>

#include <cmath>

#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {
constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
}

AdamW::AdamW(std::vector<ParameterGroup> groups, double weight_decay)
    : Optimiser(std::move(groups)), weight_decay_(weight_decay) {
  for (const ParameterGroup& group : this->groups()) {
    means_.push_back(zeros_like(group.parameters));
    squares_.push_back(zeros_like(group.parameters));
  }
  updates_ = at::zeros({static_cast<std::int64_t>(this->groups().size())}, at::kLong);
}

void AdamW::update(std::size_t group, const std::vector<at::Tensor>& gradients, double rate) {
  const std::vector<at::Tensor>& parameters = groups()[group].parameters;
  const auto updates = static_cast<double>(++updates_.mutable_data_ptr<std::int64_t>()[group]);
  if (weight_decay_ != 0) at::_foreach_mul_(parameters, 1 - rate * weight_decay_);
  at::_foreach_lerp_(means_[group], gradients, 1 - kBeta1);
  at::_foreach_mul_(squares_[group], kBeta2);
  at::_foreach_addcmul_(squares_[group], gradients, gradients, 1 - kBeta2);
  const std::vector<at::Tensor> divisors = at::_foreach_sqrt(squares_[group]);
  at::_foreach_div_(divisors, std::sqrt(1 - std::pow(kBeta2, updates)));
  at::_foreach_add_(divisors, kEpsilon);
  at::_foreach_addcdiv_(parameters, means_[group], divisors, -rate / (1 - std::pow(kBeta1, updates)));
}

StateDict AdamW::state() const {
  StateDict state = numbered("mean.", means_);
  for (auto& entry : numbered("square.", squares_).entries) state.entries.push_back(std::move(entry));
  state.entries.emplace_back("updates", updates_);
  return state;
}

}  // namespace amltrain::engine
