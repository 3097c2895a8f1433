#include "engine/describe.hpp"

#include <ATen/cpu/Utils.h>
#include <torch/version.h>

#include <algorithm>

#include "engine/device/cuda.hpp"
#include "engine/torch.hpp"
#include "engine/train/numerics.hpp"

namespace amltrain::engine {

json describe() {
  std::vector<std::string> sets;
  for (const auto& [name, value] : at::cpu::get_cpu_capabilities())
    if (value.isBool() && value.toBool()) sets.push_back(name);
  std::ranges::sort(sets);
  const std::optional<std::string> bf16 = cpu_bf16();
  const json cuda = {{"built", built_with_cuda()}, {"devices", at::detail::getCUDAHooks().deviceCount()}};
  return {{"torch", TORCH_VERSION},
          {"threads", at::get_num_threads()},
          {"instruction_sets", sets},
          {"bf16", bf16 ? json(*bf16) : json(nullptr)},
          {"cuda", cuda}};
}

}  // namespace amltrain::engine
