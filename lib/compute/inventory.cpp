#include "compute/inventory.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "compute/cgroup.hpp"
#include "compute/cpu.hpp"
#include "compute/nvml.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/host.hpp"

namespace amltrain {
namespace {

struct FreeCpuSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

/// CPUs in this process's affinity mask. The kernel refuses a mask smaller than its own, so it grows until it
/// fits.
int cores_by_affinity() {
  for (int possible = 1024; possible <= (1 << 20); possible *= 2) {
    const std::unique_ptr<cpu_set_t, FreeCpuSet> set(CPU_ALLOC(static_cast<std::size_t>(possible)));
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(possible));
    if (set != nullptr && sched_getaffinity(0, bytes, set.get()) == 0) return CPU_COUNT_S(bytes, set.get());
  }
  return static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

/// A quota of 1.5 cores is 2 threads: the half would be lost otherwise, as by every runtime that rounds up.
int usable_cores(const CgroupLimits& limits) {
  const int cores = cores_by_affinity();
  if (!limits.cores) return cores;
  return std::clamp(static_cast<int>(std::ceil(*limits.cores)), 1, cores);
}

std::uint64_t usable_memory(const CgroupLimits& limits) {
  const std::uint64_t machine =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return limits.memory_bytes ? std::min(machine, *limits.memory_bytes) : machine;
}

}  // namespace

void to_json(json& out, const Inventory& inventory) {
  json gpus = json::array();
  for (const Gpu& gpu : inventory.gpus)
    gpus.push_back({{"index", gpu.index}, {"name", gpu.name}, {"memory_bytes", gpu.memory_bytes}});
  out = {{"host", inventory.host},
         {"cpu_model", inventory.cpu_model},
         {"cores", inventory.cores},
         {"memory_bytes", inventory.memory_bytes},
         {"instruction_sets", inventory.instruction_sets},
         {"gpus", std::move(gpus)}};
}

Inventory parse_inventory(const json& in) {
  Inventory inventory{field<std::string>(in, "host"),
                      field<std::string>(in, "cpu_model"),
                      field<int>(in, "cores"),
                      field<std::uint64_t>(in, "memory_bytes"),
                      field<std::vector<std::string>>(in, "instruction_sets"),
                      {}};
  for (const json& gpu : field<json>(in, "gpus"))
    inventory.gpus.push_back({field<int>(gpu, "index"), field<std::string>(gpu, "name"),
                              field<std::uint64_t>(gpu, "memory_bytes")});
  return inventory;
}

Inventory take_inventory() {
  Inventory inventory = take_inventory_without_gpus();
  inventory.gpus = list_gpus();
  return inventory;
}

Inventory take_inventory_without_gpus() {
  const CgroupLimits limits = read_cgroup_limits();
  CpuDescription cpu = describe_cpu(read_file("/proc/cpuinfo"));
  return {host_name(),
          std::move(cpu.model),
          usable_cores(limits),
          usable_memory(limits),
          std::move(cpu.instruction_sets),
          {}};
}

}  // namespace amltrain
