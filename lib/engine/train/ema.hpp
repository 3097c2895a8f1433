// An exponential moving average of the weights: Polyak and Juditsky 1992; its use for evaluation as in
// torch.optim.swa_utils.
#pragma once

#include "engine/nn/resnet.hpp"

namespace amltrain::engine {

class Ema {
 public:
  /// Begins as `model` is.
  Ema(const ResNet& model, double decay);

  /// After an optimiser step, `steps` in all: average = d * average + (1 - d) * model, with d the smaller of
  /// the decay and (1 + steps) / (10 + steps), so that the first steps are soon forgotten. The running
  /// statistics of batch norm are averaged in the same way; its counters are the model's.
  void update(const ResNet& model, std::int64_t steps);

  ResNet& model() { return model_; }
  const ResNet& model() const { return model_; }

 private:
  ResNet model_;
  double decay_;
};

}  // namespace amltrain::engine
