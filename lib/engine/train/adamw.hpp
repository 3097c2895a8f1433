// Adam with decoupled weight decay: Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2.
#pragma once

#include "engine/train/optimiser.hpp"

namespace amltrain::engine {

/// torch.optim.AdamW(parameters, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay), operation by operation.
class AdamW final : public Optimiser {
 public:
  AdamW(std::vector<ParameterGroup> groups, double weight_decay);

  /// mean.N and square.N, one a parameter, in their order; updates, int64, one a group.
  StateDict state() const override;

 private:
  void update(std::size_t group, const std::vector<at::Tensor>& gradients, double rate) override;

  std::vector<std::vector<at::Tensor>> means_, squares_;  // moving averages of g and g * g, by group
  at::Tensor updates_;                                    // on the CPU
  double weight_decay_;
};

}  // namespace amltrain::engine
