#include "engine/train/ema.hpp"

#include <ATen/ops/_foreach_lerp.h>

#include <algorithm>

#include "engine/torch.hpp"

namespace amltrain::engine {

Ema::Ema(const ResNet& model, double decay)
    : model_(model.spec(), model.classes(), 0, model.placement()), decay_(decay) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < model.state().entries.size(); ++i) {
    const at::Tensor& own = model_.state().entries[i].second;
    own.set_requires_grad(false);
    own.copy_(model.state().entries[i].second);
  }
}

void Ema::update(const ResNet& model, std::int64_t steps) {
  const at::NoGradGuard no_grad;
  const auto done = static_cast<double>(steps);
  const double decay = std::min(decay_, (1 + done) / (10 + done));
  std::vector<at::Tensor> averages, weights;
  for (std::size_t i = 0; i < model.state().entries.size(); ++i) {
    const at::Tensor& own = model_.state().entries[i].second;
    const at::Tensor& theirs = model.state().entries[i].second;
    if (!own.is_floating_point()) {
      own.copy_(theirs);
      continue;
    }
    averages.push_back(own);
    weights.push_back(theirs);
  }
  at::_foreach_lerp_(averages, weights, 1 - decay);
}

}  // namespace amltrain::engine
