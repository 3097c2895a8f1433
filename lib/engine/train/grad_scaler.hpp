// Gradients in fp16, which has no number below 6e-8: the loss is multiplied before the backward pass and the
// gradients are divided after it. Micikevicius et al. 2018, arXiv:1710.03740, section 3.2.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/exchange/state_dict.hpp"

namespace amltrain::engine {

/// torch.amp.GradScaler with its defaults: the scale starts at 65536, is halved by a step whose gradients
/// overflow, and is doubled after 2000 in a row that do not. The same operators on the CPU and on CUDA.
class GradScaler {
 public:
  struct Options {
    double initial = 65536, growth = 2, backoff = 0.5;
    int growth_interval = 2000;  // steps
  };
  explicit GradScaler(const at::Device& device) : GradScaler(device, Options()) {}
  GradScaler(const at::Device& device, const Options& options);

  /// The loss whose gradients unscale() is given. Nothing is read back from the device.
  at::Tensor scaled(const at::Tensor& loss) const { return loss.mul(scale_.squeeze()); }
  /// Divides the gradients by the scale, in place. False when one is not finite: no step is to be made with
  /// them. The one number that is read back from the device in a step.
  bool unscale(const std::vector<at::Tensor>& gradients);
  /// After each unscale(), and the step if there was one: adapts the scale.
  void update();

  double scale() const;
  /// scaler.scale (float) and scaler.growth_tracker (int32: steps since the scale changed), sharing memory.
  StateDict state() const;

 private:
  Options options_;
  at::Tensor scale_, growth_tracker_, found_inf_;  // one element each, where the model lies
};

}  // namespace amltrain::engine
