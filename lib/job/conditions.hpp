// What a run runs under: that which may change its result without any change of its job, source or data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "compute/inventory.hpp"
#include "compute/target.hpp"
#include "job/worker.hpp"
#include "support/json.hpp"

namespace amltrain {

/// Of the built-in trainer, when the command has no --seed.
constexpr std::int64_t kDefaultSeed = 42;

/// schema amltrain.conditions/1: conditions.json of a run, written before its worker starts.
struct Conditions {
  std::string command;               // with its placeholders replaced
  std::optional<std::int64_t> seed;  // of the built-in trainer; absent: another command's, not known
  Inventory machine;
  std::string kernel;          // release
  std::string gpu_driver;      // version of NVIDIA's; empty: none
  std::vector<Host> hosts;     // of the run, as they were when the target was made; empty: `machine` ran it
  int threads = 0;             // of the compute target; 0: one a core
  std::string version;         // of amltrain
  std::string program_sha256;  // of the amltrain that supervises
  std::string torch;           // version of LibTorch; empty: the command is not the built-in trainer
  std::string engine_sha256;   // of the library that holds the engine; empty as `torch`
  std::map<std::string, std::string> variables;  // of the worker: those that steer arithmetic and devices
};
void to_json(json& out, const Conditions& conditions);

/// For the worker about to start on `machine`.
Conditions take_conditions(const JobDefinition& job, const ComputeTarget& target, const std::string& expanded,
                           const Worker& worker, const Inventory& machine);

}  // namespace amltrain
