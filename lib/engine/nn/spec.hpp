// The ResNet family by numbers: He et al. 2015 (arXiv:1512.03385), ResNeXt (arXiv:1611.05431), Wide ResNet
// (arXiv:1605.07146), with torchvision's variant (stride on the 3x3 convolution) and parameter names. No
// torch.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace amltrain::engine {

enum class Block { basic, bottleneck };

struct ResNetSpec {
  std::string name;
  Block block;
  std::array<int, 4> layers;
  int groups = 1;
  int width_per_group = 64;

  int expansion() const { return block == Block::basic ? 1 : 4; }
  int features() const { return 512 * expansion(); }  // columns of fc.weight
};

/// All known architectures, smallest first.
std::span<const ResNetSpec> resnet_specs();

/// Throws Error{bad_input} listing the known names.
const ResNetSpec& find_resnet_spec(std::string_view name);

}  // namespace amltrain::engine
