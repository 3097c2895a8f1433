// The processor as /proc/cpuinfo describes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amltrain {

struct CpuDescription {
  std::string model;
  std::vector<std::string> instruction_sets;  // those that matter to training, weakest first
};

/// Reads the text of /proc/cpuinfo: "model name" and "flags" on x86, "Features" on arm64.
CpuDescription describe_cpu(std::string_view cpuinfo);

}  // namespace amltrain
