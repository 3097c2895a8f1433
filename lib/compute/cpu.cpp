#include "compute/cpu.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace amltrain {
namespace {

/// Kernel names of the sets that oneDNN and ATen choose their kernels by.
constexpr std::array kInstructionSets{"avx2",        "fma",         "f16c",        "avx_vnni", "avx512f",
                                      "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8",
                                      "amx_bf16",    "asimd",       "asimddp",     "bf16",     "i8mm",
                                      "sve",         "sve2"};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The value of the first line "KEY : VALUE".
std::string_view value_of(std::string_view cpuinfo, std::string_view key) {
  for (std::size_t start = 0; start < cpuinfo.size();) {
    const std::size_t end = std::min(cpuinfo.find('\n', start), cpuinfo.size());
    const std::string_view line = cpuinfo.substr(start, end - start);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == key)
      return trimmed(line.substr(colon + 1));
    start = end + 1;
  }
  return {};
}

}  // namespace

CpuDescription describe_cpu(std::string_view cpuinfo) {
  CpuDescription cpu;
  cpu.model = value_of(cpuinfo, "model name");
  std::string_view flags = value_of(cpuinfo, "flags");
  if (flags.empty()) flags = value_of(cpuinfo, "Features");
  std::vector<std::string> present;
  std::istringstream words{std::string(flags)};
  for (std::string word; words >> word;) present.push_back(word);
  for (const char* set : kInstructionSets) {
    if (std::find(present.begin(), present.end(), set) != present.end())
      cpu.instruction_sets.emplace_back(set);
  }
  return cpu;
}

}  // namespace amltrain
