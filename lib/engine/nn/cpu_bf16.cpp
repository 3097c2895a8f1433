#include "engine/nn/cpu_bf16.hpp"

#include <ATen/cpu/Utils.h>

namespace amltrain::engine {

std::optional<std::string> cpu_bf16() {
  const auto capabilities = at::cpu::get_cpu_capabilities();
  for (const char* name : {"amx_bf16", "avx512_bf16"}) {
    const auto found = capabilities.find(name);
    if (found != capabilities.end() && found->second.isBool() && found->second.toBool()) return name;
  }
  return std::nullopt;
}

}  // namespace amltrain::engine
