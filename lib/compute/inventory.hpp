// What this machine has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

struct Gpu {
  int index = 0;
  std::string name;
  std::uint64_t memory_bytes = 0;
};

struct Inventory {
  std::string host;
  std::string cpu_model;
  int cores = 0;                   // that this process may use (affinity and cgroup quota)
  std::uint64_t memory_bytes = 0;  // of the machine, or the cgroup's limit when smaller
  std::vector<std::string>
      instruction_sets;   // those that matter to training: avx2, avx512f, avx512_bf16, amx_bf16, ...
  std::vector<Gpu> gpus;  // from NVML, loaded when present
};
void to_json(json& out, const Inventory& inventory);
Inventory parse_inventory(const json& in);

Inventory take_inventory();
/// Asks no driver, which may give no answer.
Inventory take_inventory_without_gpus();

}  // namespace amltrain
