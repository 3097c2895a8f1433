// What the processes of a run took, all of them together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

struct GpuUse {
  int index = 0;
  std::uint64_t peak_memory_bytes = 0;  // that the run's processes held
  double mean_utilization = 0;          // of the device while they were on it, 0 to 1
};

struct ResourceUse {
  double cpu_seconds = 0;  // user and system time, ended and killed processes included
  // The largest sum of resident sizes that was seen, where what processes share counts for each; absent for a
  // run too short to be seen.
  std::optional<std::uint64_t> peak_memory_bytes;
  int peak_processes = 0;    // seen at a time
  std::vector<GpuUse> gpus;  // that the driver names processes of the run on
};
void to_json(json& out, const ResourceUse& use);
ResourceUse parse_resource_use(const json& in);

/// Of two workers of one run, one after the other. A GPU's utilization is that of the later one that was on
/// it.
ResourceUse together(const ResourceUse& first, const ResourceUse& second);

}  // namespace amltrain
