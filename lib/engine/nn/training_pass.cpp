#include "engine/nn/training_pass.hpp"

#include <ATen/ops/addmm.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/max_pool2d_with_indices_backward.h>
#include <ATen/ops/mm.h>

#include "engine/nn/pool.hpp"
#include "engine/nn/weight_gradient.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

constexpr std::int64_t kPool[] = {3, 3}, kPoolStride[] = {2, 2}, kPoolPadding[] = {1, 1};
constexpr std::int64_t kNoDilation[] = {1, 1};

bool is_trained(const ConvNorm& unit) { return unit.weight.requires_grad(); }

bool is_trained(const Residual& block) {
  for (const ConvNorm& unit : block.path)
    if (is_trained(unit)) return true;
  return block.shortcut && is_trained(*block.shortcut);
}

}  // namespace

TrainingPass::TrainingPass(const ResNet& model, at::ScalarType compute)
    : model_(model),
      compute_(compute),
      trains_stem_(is_trained(model.stem())),
      blocks_(model.blocks().size()) {
  first_ = 0;
  while (!trains_stem_ && first_ < blocks_.size() && !is_trained(model.blocks()[first_])) ++first_;
  for (std::size_t i = 0; i < blocks_.size(); ++i) blocks_[i].path.resize(model.blocks()[i].path.size());
}

at::Tensor TrainingPass::forward(const ConvNorm& unit, const at::Tensor& x, const at::Tensor& residual,
                                 bool relu, UnitTape* tape) const {
  const at::Tensor weight = unit.weight.to(compute_);
  const at::Tensor product = at::conv2d(x, weight, {}, unit.stride, unit.weight.size(2) / 2, 1, unit.groups);
  NormTape norm;
  const at::Tensor y = norm_forward(unit, product, residual, relu, norm);
  if (tape) *tape = {weight, x, product, relu ? y : at::Tensor(), norm};
  return y;
}

at::Tensor TrainingPass::forward(const Residual& block, const at::Tensor& x, BlockTape* tape) const {
  const at::Tensor shortcut =
      block.shortcut ? forward(*block.shortcut, x, {}, false, tape ? &tape->shortcut : nullptr) : x;
  at::Tensor y = x;
  for (std::size_t i = 0; i < block.path.size(); ++i)
    y = forward(block.path[i], y, i + 1 == block.path.size() ? shortcut : at::Tensor(), true,
                tape ? &tape->path[i] : nullptr);
  return y;
}

at::Tensor TrainingPass::forward(const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  at::Tensor x = forward(model_.stem(), images.to(compute_), {}, true, trains_stem_ ? &stem_ : nullptr);
  if (has_norm_kernels(x))
    x = pooled_stem_ = max_pool_of_relu(x);
  else
    std::tie(x, pool_indices_) = at::max_pool2d_with_indices(x, kPool, kPoolStride, kPoolPadding);
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    x = forward(model_.blocks()[i], x, i < first_ ? nullptr : &blocks_[i]);
  last_ = x;
  pooled_ = at::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
  fc_weight_ = model_.fc().weight.to(compute_);
  return at::addmm(model_.fc().bias.to(compute_), pooled_, fc_weight_.t()).to(at::kFloat);
}

void TrainingPass::add_gradient(const at::Tensor& parameter, const at::Tensor& gradient) const {
  at::Tensor& sum = at::Tensor(parameter).mutable_grad();
  if (sum.defined())
    sum.add_(gradient);
  else
    sum = gradient.to(parameter.scalar_type());
  if (ready_) ready_(parameter);
}

NormGradients TrainingPass::backward_norm(const ConvNorm& unit, UnitTape& tape, const Incoming& gradient,
                                          bool keep_sum) const {
  NormGradients gradients =
      norm_backward(unit, tape.norm, tape.normed_input, tape.output, gradient.one, gradient.other, keep_sum);
  tape.normed_input.reset();
  tape.output.reset();
  if (is_trained(unit)) {
    add_gradient(unit.scale, gradients.scale);
    add_gradient(unit.shift, gradients.shift);
  }
  return gradients;
}

at::Tensor TrainingPass::backward_conv(const ConvNorm& unit, UnitTape& tape, const at::Tensor& gradient,
                                       bool wants_input) const {
  const std::int64_t kernel = unit.weight.size(2);
  const std::int64_t stride[] = {unit.stride, unit.stride}, padding[] = {kernel / 2, kernel / 2};
  constexpr std::int64_t kNone[] = {0, 0};
  bool wants_weight = is_trained(unit);
  if (wants_weight && has_weight_gradient(tape.input, gradient, kernel, unit.groups)) {
    add_gradient(unit.weight, weight_gradient(tape.input, gradient, kernel, unit.stride));
    wants_weight = false;
  }
  at::Tensor input, weight, bias;
  if (wants_input || wants_weight)
    std::tie(input, weight, bias) =
        at::convolution_backward(gradient, tape.input, tape.weight, std::nullopt, stride, padding,
                                 kNoDilation, false, kNone, unit.groups, {wants_input, wants_weight, false});
  tape.input.reset();
  if (wants_weight) add_gradient(unit.weight, weight);
  return input;
}

TrainingPass::Incoming TrainingPass::backward(const Residual& block, BlockTape& tape,
                                              const Incoming& gradient, bool wants_input) const {
  Incoming into = gradient;
  at::Tensor shortcut;
  for (std::size_t i = block.path.size(); i-- > 0;) {
    const bool last = i + 1 == block.path.size();
    const NormGradients gradients = backward_norm(block.path[i], tape.path[i], into, last);
    if (last) shortcut = gradients.sum;
    into = {backward_conv(block.path[i], tape.path[i], gradients.x, i > 0 || wants_input), {}};
  }
  if (block.shortcut) {
    const at::Tensor normed = backward_norm(*block.shortcut, tape.shortcut, {shortcut, {}}, false).x;
    shortcut = backward_conv(*block.shortcut, tape.shortcut, normed, wants_input);
  }
  return {into.one, shortcut};
}

at::Tensor TrainingPass::backward_head(const at::Tensor& logits_gradient, bool wants_input) {
  const Linear& fc = model_.fc();
  const at::Tensor gradient = logits_gradient.to(compute_);
  if (fc.weight.requires_grad()) {
    add_gradient(fc.weight, gradient.t().mm(pooled_));
    add_gradient(fc.bias, gradient.sum(0));
  }
  if (!wants_input) return {};
  const std::int64_t pixels = last_.size(2) * last_.size(3);
  const at::Tensor mean = gradient.mm(fc_weight_).div(pixels);
  return mean.view({mean.size(0), mean.size(1), 1, 1})
      .expand_as(last_)
      .contiguous(last_.suggest_memory_format());
}

void TrainingPass::backward_stem(const Incoming& gradient) {
  const at::Tensor pooled = gradient.one.add(gradient.other);
  const at::Tensor into =
      pooled_stem_.defined()
          ? max_pool_of_relu_backward(stem_.output, pooled_stem_, pooled)
          : at::max_pool2d_with_indices_backward(pooled, stem_.output, kPool, kPoolStride, kPoolPadding,
                                                 kNoDilation, false, pool_indices_);
  backward_conv(model_.stem(), stem_, backward_norm(model_.stem(), stem_, {into, {}}, false).x, false);
}

void TrainingPass::backward(const at::Tensor& logits_gradient, Ready ready) {
  const at::NoGradGuard no_grad;
  ready_ = std::move(ready);
  Incoming gradient{backward_head(logits_gradient, first_ < blocks_.size()), {}};
  for (std::size_t i = blocks_.size(); i-- > first_;)
    gradient = backward(model_.blocks()[i], blocks_[i], gradient, trains_stem_ || i > first_);
  if (trains_stem_) backward_stem(gradient);
}

}  // namespace amltrain::engine
