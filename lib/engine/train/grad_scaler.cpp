#include "engine/train/grad_scaler.hpp"

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/full.h>

#include "engine/torch.hpp"

namespace amltrain::engine {

GradScaler::GradScaler(const at::Device& device, const Options& options)
    : options_(options),
      scale_(at::full({1}, options.initial, at::TensorOptions(device).dtype(at::kFloat))),
      growth_tracker_(at::zeros({1}, at::TensorOptions(device).dtype(at::kInt))),
      found_inf_(at::zeros({1}, at::TensorOptions(device).dtype(at::kFloat))) {}

bool GradScaler::unscale(const std::vector<at::Tensor>& gradients) {
  const at::NoGradGuard no_grad;
  found_inf_.zero_();
  // As torch does: 1 / scale in double, since in float it might underflow.
  const at::Tensor factor = scale_.to(at::kDouble).reciprocal().to(at::kFloat);
  if (!gradients.empty()) at::_amp_foreach_non_finite_check_and_unscale_(gradients, found_inf_, factor);
  return found_inf_.item<float>() == 0;
}

void GradScaler::update() {
  const at::NoGradGuard no_grad;
  at::_amp_update_scale_(scale_, growth_tracker_, found_inf_, options_.growth, options_.backoff,
                         options_.growth_interval);
}

double GradScaler::scale() const { return scale_.item<float>(); }

StateDict GradScaler::state() const {
  StateDict state;
  state.entries.emplace_back("scaler.scale", scale_);
  state.entries.emplace_back("scaler.growth_tracker", growth_tracker_);
  return state;
}

}  // namespace amltrain::engine
