#include "engine/nn/fused_conv.hpp"

#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string_view>

#include "engine/nn/cpu_bf16.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

// torch's own operators for compiled models (ATen/native/mkldnn/Conv.cpp, registered as mkldnn::...):
// oneDNN's convolution with its post-operations. They have no face in C++ but the dispatcher.
using Scalars = torch::List<std::optional<at::Scalar>>;
using Reorder = at::Tensor(const at::Tensor& weight, at::IntArrayRef padding, at::IntArrayRef stride,
                           at::IntArrayRef dilation, std::int64_t groups, at::OptionalIntArrayRef input);
using Unary = at::Tensor(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                         at::IntArrayRef padding, at::IntArrayRef stride, at::IntArrayRef dilation,
                         std::int64_t groups, std::string_view unary, Scalars scalars,
                         std::optional<std::string_view> algorithm);
using Binary = at::Tensor&(at::Tensor& other, const at::Tensor& x, const at::Tensor& weight,
                           const std::optional<at::Tensor>& bias, at::IntArrayRef padding,
                           at::IntArrayRef stride, at::IntArrayRef dilation, std::int64_t groups,
                           std::string_view binary, std::optional<at::Scalar> alpha,
                           std::optional<std::string_view> unary, Scalars scalars,
                           std::optional<std::string_view> algorithm);

const c10::TypedOperatorHandle<Reorder>& reorder_operator() {
  static const auto handle = c10::Dispatcher::singleton()
                                 .findSchemaOrThrow("mkldnn::_reorder_convolution_weight", "")
                                 .typed<Reorder>();
  return handle;
}

const c10::TypedOperatorHandle<Unary>& unary_operator() {
  static const auto handle =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_convolution_pointwise", "").typed<Unary>();
  return handle;
}

const c10::TypedOperatorHandle<Binary>& binary_operator() {
  static const auto handle = c10::Dispatcher::singleton()
                                 .findSchemaOrThrow("mkldnn::_convolution_pointwise_", "binary")
                                 .typed<Binary>();
  return handle;
}

}  // namespace

FoldedWeights fold(const ConvNorm& unit) {
  const at::Tensor factor = unit.scale.to(at::kDouble).div(unit.running_var.to(at::kDouble).add(1e-5).sqrt());
  return {unit.weight.to(at::kDouble).mul(factor.view({-1, 1, 1, 1})).to(at::kFloat),
          unit.shift.to(at::kDouble).sub(unit.running_mean.to(at::kDouble).mul(factor)).to(at::kFloat)};
}

bool can_fuse(const at::Device& device, at::ScalarType compute) {
  if (!device.is_cpu() || !at::hasMKLDNN() || !at::globalContext().userEnabledMkldnn()) return false;
  return compute == at::kFloat || (compute == at::kBFloat16 && cpu_bf16());
}

FusedConv::FusedConv(const ConvNorm& unit, const FoldedWeights& folded, at::ScalarType compute,
                     at::IntArrayRef input, Kernels kernels)
    : weight_(folded.weight.to(compute)),
      bias_(folded.bias.to(compute)),
      stride_(unit.stride),
      padding_(unit.weight.size(2) / 2),
      groups_(unit.groups),
      kernels_(kernels) {
  const auto moved = [&](std::int64_t side) { return (side + 2 * padding_ - weight_.size(2)) / stride_ + 1; };
  output_ = {input[0], weight_.size(0), moved(input[2]), moved(input[3])};
  if (kernels_ == Kernels::plain) return;
  const std::int64_t padding[] = {padding_, padding_}, stride[] = {stride_, stride_}, dilation[] = {1, 1};
  weight_ = reorder_operator().call(weight_, padding, stride, dilation, groups_, input);
}

at::Tensor FusedConv::pointwise(const at::Tensor& x, const char* unary) const {
  const std::int64_t padding[] = {padding_, padding_}, stride[] = {stride_, stride_}, dilation[] = {1, 1};
  return unary_operator().call(x, weight_, bias_, padding, stride, dilation, groups_, unary, Scalars(), "");
}

at::Tensor FusedConv::operator()(const at::Tensor& x) const {
  if (kernels_ == Kernels::onednn) return pointwise(x, "none");
  return at::conv2d(x, weight_, bias_, stride_, padding_, 1, groups_);
}

at::Tensor FusedConv::relu(const at::Tensor& x) const {
  if (kernels_ == Kernels::onednn) return pointwise(x, "relu");
  return (*this)(x).relu_();
}

at::Tensor FusedConv::add_relu(const at::Tensor& x, const at::Tensor& residual) const {
  if (kernels_ == Kernels::plain) return (*this)(x).add_(residual).relu_();
  const std::int64_t padding[] = {padding_, padding_}, stride[] = {stride_, stride_}, dilation[] = {1, 1};
  at::Tensor sum = residual;
  return binary_operator().call(sum, x, weight_, bias_, padding, stride, dilation, groups_, "add",
                                std::nullopt, "relu", Scalars(), "");
}

}  // namespace amltrain::engine
