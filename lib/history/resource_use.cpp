#include "history/resource_use.hpp"

#include <algorithm>

namespace amltrain {

void to_json(json& out, const ResourceUse& use) {
  json gpus = json::array();
  for (const GpuUse& gpu : use.gpus)
    gpus.push_back({{"index", gpu.index},
                    {"peak_memory_bytes", gpu.peak_memory_bytes},
                    {"mean_utilization", gpu.mean_utilization}});
  out = {{"cpu_seconds", use.cpu_seconds},
         {"peak_memory_bytes", use.peak_memory_bytes ? json(*use.peak_memory_bytes) : json(nullptr)},
         {"peak_processes", use.peak_processes},
         {"gpus", std::move(gpus)}};
}

ResourceUse parse_resource_use(const json& in) {
  ResourceUse use{field<double>(in, "cpu_seconds"),
                  optional_field<std::uint64_t>(in, "peak_memory_bytes"),
                  field<int>(in, "peak_processes"),
                  {}};
  for (const json& gpu : field<json>(in, "gpus"))
    use.gpus.push_back({field<int>(gpu, "index"), field<std::uint64_t>(gpu, "peak_memory_bytes"),
                        field<double>(gpu, "mean_utilization")});
  return use;
}

ResourceUse together(const ResourceUse& first, const ResourceUse& second) {
  ResourceUse both = second;
  both.cpu_seconds += first.cpu_seconds;
  both.peak_memory_bytes =
      std::max(first.peak_memory_bytes, second.peak_memory_bytes);  // absent is the least
  both.peak_processes = std::max(first.peak_processes, second.peak_processes);
  for (const GpuUse& earlier : first.gpus) {
    const auto again = std::find_if(both.gpus.begin(), both.gpus.end(),
                                    [&](const GpuUse& gpu) { return gpu.index == earlier.index; });
    if (again == both.gpus.end())
      both.gpus.push_back(earlier);
    else
      again->peak_memory_bytes = std::max(again->peak_memory_bytes, earlier.peak_memory_bytes);
  }
  return both;
}

}  // namespace amltrain
