#include "engine/nn/layers.hpp"

#include "engine/torch.hpp"

namespace amltrain::engine {

at::Tensor ConvNorm::operator()(const at::Tensor& x, bool training) const {
  const std::int64_t padding = weight.size(2) / 2;
  const at::Tensor y = at::conv2d(x, weight, {}, stride, padding, 1, groups);
  if (training) batches.add_(1);
  return at::batch_norm(y, scale, shift, running_mean, running_var, training, 0.1, 1e-5, true);
}

at::Tensor Residual::operator()(const at::Tensor& x, bool training) const {
  at::Tensor y = x;
  for (const ConvNorm& unit : path) {
    y = unit(y, training);
    if (&unit != &path.back()) y.relu_();
  }
  y.add_(shortcut ? (*shortcut)(x, training) : x);
  return y.relu_();
}

at::Tensor Linear::operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }

}  // namespace amltrain::engine
