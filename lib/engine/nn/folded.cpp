#include "engine/nn/folded.hpp"

#include <algorithm>
#include <cmath>

#include "engine/nn/pool.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

std::vector<const ConvNorm*> units_of(const ResNet& model) {
  std::vector<const ConvNorm*> units{&model.stem()};
  for (const Residual& block : model.blocks()) {
    for (const ConvNorm& unit : block.path) units.push_back(&unit);
    if (block.shortcut) units.push_back(&*block.shortcut);
  }
  return units;
}

/// oneDNN's ReLU makes 0 of NaN: the outputs of weights that have diverged would look like numbers.
bool all_finite(const ResNet& model) {
  return std::ranges::all_of(units_of(model), [](const ConvNorm* unit) {
    const FoldedWeights folded = fold(*unit);
    return std::isfinite(folded.weight.sum(at::kDouble).item<double>()) &&
           std::isfinite(folded.bias.sum(at::kDouble).item<double>());
  });
}

}  // namespace

FoldedNetwork::FoldedNetwork(const ResNet& model, at::ScalarType compute, int image_size, int batch) {
  const c10::InferenceMode inference;
  const at::Device device = model.placement().device;
  kernels_ =
      can_fuse(device, compute) && all_finite(model) ? FusedConv::Kernels::onednn : FusedConv::Kernels::plain;
  input_ = at::empty({batch, 3, image_size, image_size}, at::TensorOptions(device).dtype(compute),
                     at::MemoryFormat::ChannelsLast);
  const auto folded = [&](const ConvNorm& unit, const std::vector<std::int64_t>& input) {
    return FusedConv(unit, fold(unit), compute, input, kernels_);
  };
  stem_.push_back(folded(model.stem(), input_.sizes().vec()));
  std::vector<std::int64_t> sizes = stem_.front().output_sizes();
  for (std::size_t i = 2; i < 4; ++i) sizes[i] = (sizes[i] + 1) / 2;  // the pooling
  for (const Residual& given : model.blocks()) {
    Block block;
    if (given.shortcut) block.shortcut = folded(*given.shortcut, sizes);
    for (const ConvNorm& unit : given.path) {
      block.path.push_back(folded(unit, sizes));
      sizes = block.path.back().output_sizes();
    }
    blocks_.push_back(std::move(block));
  }
  fc_ = {model.fc().weight.detach().clone(), model.fc().bias.detach().clone()};
}

at::Tensor FoldedNetwork::features_of_input() const {
  at::Tensor x = stem_.front().relu(input_);
  x = kernels_ == FusedConv::Kernels::onednn ? max_pool_of_relu(x) : at::max_pool2d(x, 3, 2, 1);
  for (const Block& block : blocks_) {
    at::Tensor y = x;
    for (std::size_t i = 0; i + 1 < block.path.size(); ++i) y = block.path[i].relu(y);
    x = block.path.back().add_relu(y, block.shortcut ? (*block.shortcut)(x) : x);
  }
  return spatial_mean(x);
}

at::Tensor FoldedNetwork::compute(const at::Tensor& images, bool with_fc) const {
  const c10::InferenceMode inference;
  const std::int64_t batch = input_.size(0), count = images.size(0);
  at::Tensor all = at::empty({count, fc_.weight.size(with_fc ? 0 : 1)},
                             at::TensorOptions(input_.device()).dtype(at::kFloat));
  for (std::int64_t first = 0; first < count; first += batch) {
    const std::int64_t here = std::min(batch, count - first);
    // Layout first, type after: torch does either quickly, and both at once slowly.
    input_.narrow(0, 0, here).copy_(images.narrow(0, first, here).contiguous(at::MemoryFormat::ChannelsLast));
    if (here < batch) input_.narrow(0, here, batch - here).zero_();
    const at::Tensor features = features_of_input();
    all.narrow(0, first, here).copy_((with_fc ? fc_(features) : features).narrow(0, 0, here));
  }
  return all;
}

at::Tensor FoldedNetwork::features(const at::Tensor& images) const { return compute(images, false); }
at::Tensor FoldedNetwork::logits(const at::Tensor& images) const { return compute(images, true); }

}  // namespace amltrain::engine
