#include "engine/nn/spec.hpp"

#include <algorithm>
#include <vector>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain::engine {

std::span<const ResNetSpec> resnet_specs() {
  // Numbers of torchvision/models/resnet.py; smallest first by number of weights.
  static const std::vector<ResNetSpec> specs = {
      {"resnet18", Block::basic, {2, 2, 2, 2}},
      {"resnet34", Block::basic, {3, 4, 6, 3}},
      {"resnext50_32x4d", Block::bottleneck, {3, 4, 6, 3}, 32, 4},
      {"resnet50", Block::bottleneck, {3, 4, 6, 3}},
      {"resnet101", Block::bottleneck, {3, 4, 23, 3}},
      {"resnet152", Block::bottleneck, {3, 8, 36, 3}},
      {"wide_resnet50_2", Block::bottleneck, {3, 4, 6, 3}, 1, 128},
      {"resnext101_64x4d", Block::bottleneck, {3, 4, 23, 3}, 64, 4},
      {"resnext101_32x8d", Block::bottleneck, {3, 4, 23, 3}, 32, 8},
      {"wide_resnet101_2", Block::bottleneck, {3, 4, 23, 3}, 1, 128},
  };
  return specs;
}

const ResNetSpec& find_resnet_spec(std::string_view name) {
  const auto specs = resnet_specs();
  const auto found = std::ranges::find(specs, name, &ResNetSpec::name);
  if (found != specs.end()) return *found;
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  const auto near = closest(name, names);
  throw Error(category::bad_input, "no architecture named '" + std::string(name) + "'",
              (near ? "did you mean '" + *near + "'? " : "") + "known are " + join(names, ", "));
}

}  // namespace amltrain::engine
