// Named tensors in file order: what a .pth, a .safetensors and a ResNet have in common.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace amltrain::engine {

struct StateDict {
  std::vector<std::pair<std::string, at::Tensor>> entries;  // CPU tensors; names unique

  const at::Tensor* find(const std::string& name) const {
    for (const auto& [key, tensor] : entries)
      if (key == name) return &tensor;
    return nullptr;
  }
};

}  // namespace amltrain::engine
