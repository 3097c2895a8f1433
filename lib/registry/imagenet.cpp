#include <algorithm>
#include <array>
#include <string_view>

#include "registry/weights.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

struct Published {
  std::string_view arch, hash_prefix;
};

/// The weights named IMAGENET1K_V1 in torchvision/models/resnet.py of torchvision 0.26, the same since 0.13:
/// https://download.pytorch.org/models/ARCH-HASH.pth, HASH being the first 8 digits of the file's SHA-256.
constexpr std::array kPublished = {
    Published{"resnet18", "f37072fd"},         Published{"resnet34", "b627a593"},
    Published{"resnet50", "0676ba61"},         Published{"resnet101", "63fe2227"},
    Published{"resnet152", "394f9c45"},        Published{"resnext50_32x4d", "7cdf4587"},
    Published{"resnext101_32x8d", "8ba56ff5"}, Published{"resnext101_64x4d", "173b62eb"},
    Published{"wide_resnet50_2", "95faca4d"},  Published{"wide_resnet101_2", "32ee1156"},
};

}  // namespace

PublishedWeights imagenet_weights(const std::string& arch) {
  const auto found =
      std::find_if(kPublished.begin(), kPublished.end(), [&](const Published& p) { return p.arch == arch; });
  if (found == kPublished.end()) {
    std::vector<std::string> names;
    for (const Published& published : kPublished) names.emplace_back(published.arch);
    throw Error(category::bad_input, "no ImageNet weights are published for '" + arch + "'",
                "there are for " + join(names, ", "));
  }
  const std::string hash(found->hash_prefix);
  return {"https://download.pytorch.org/models/" + arch + "-" + hash + ".pth", hash};
}

}  // namespace amltrain
