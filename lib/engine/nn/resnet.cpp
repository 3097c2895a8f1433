#include "engine/nn/resnet.hpp"

#include "engine/nn/init.hpp"
#include "engine/nn/shapes.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

at::Tensor placed(const at::Tensor& tensor, const Placement& placement) {
  const bool ordered = tensor.dim() == 4;
  return tensor.to(tensor.options().device(placement.device), false, false,
                   ordered ? std::optional(placement.format) : std::nullopt);
}

}  // namespace

ResNet::ResNet(const ResNetSpec& spec, std::int64_t classes, std::uint64_t seed, const Placement& placement)
    : spec_(spec), placement_(placement), state_(fresh_state(spec, classes, seed)) {
  for (auto& [name, tensor] : state_.entries)
    tensor = placed(tensor, placement).set_requires_grad(is_parameter(name));
  stem_ = bind("conv1", "bn1", 2, 1);
  bind_stages();
  fc_ = {*state_.find("fc.weight"), *state_.find("fc.bias")};
}

ConvNorm ResNet::bind(const std::string& conv, const std::string& norm, int stride, int groups) const {
  return {.weight = *state_.find(conv + ".weight"),
          .scale = *state_.find(norm + ".weight"),
          .shift = *state_.find(norm + ".bias"),
          .running_mean = *state_.find(norm + ".running_mean"),
          .running_var = *state_.find(norm + ".running_var"),
          .batches = *state_.find(norm + ".num_batches_tracked"),
          .stride = stride,
          .groups = groups};
}

void ResNet::bind_stages() {
  const bool basic = spec_.block == Block::basic;
  for (std::size_t stage = 0; stage < spec_.layers.size(); ++stage) {
    for (int index = 0; index < spec_.layers[stage]; ++index) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(index) + ".";
      const int stride = stage > 0 && index == 0 ? 2 : 1;
      // torchvision's "ResNet v1.5": the stride is on the first 3x3 convolution, in a bottleneck the second
      // unit.
      const int strided = basic ? 1 : 2;
      Residual block;
      for (int unit = 1; unit <= (basic ? 2 : 3); ++unit) {
        const std::string number = std::to_string(unit);
        block.path.push_back(bind(name + "conv" + number, name + "bn" + number, unit == strided ? stride : 1,
                                  !basic && unit == strided ? spec_.groups : 1));
      }
      if (state_.find(name + "downsample.0.weight"))
        block.shortcut = bind(name + "downsample.0", name + "downsample.1", stride, 1);
      blocks_.push_back(std::move(block));
    }
  }
}

at::Tensor ResNet::forward(const at::Tensor& images) const {
  if (images.dim() == 2) return fc_(images);
  at::Tensor x = stem_(images, training_).relu_();
  x = at::max_pool2d(x, 3, 2, 1);
  for (const Residual& block : blocks_) x = block(x, training_);
  return fc_(at::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
}

void ResNet::freeze_backbone() {
  for (const auto& [name, tensor] : state_.entries)
    if (is_parameter(name)) tensor.set_requires_grad(is_head(name));
}

void ResNet::unfreeze_backbone() {
  for (const auto& [name, tensor] : state_.entries)
    if (is_parameter(name)) tensor.set_requires_grad(true);
}

std::vector<at::Tensor> ResNet::trainable() const {
  std::vector<at::Tensor> parameters;
  for (const auto& [name, tensor] : state_.entries)
    if (tensor.requires_grad()) parameters.push_back(tensor);
  return parameters;
}

}  // namespace amltrain::engine
