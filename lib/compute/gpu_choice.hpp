// The GPUs of slots, and which slots may be taken: none on whose GPUs a stranger computes.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compute/gpu_use.hpp"
#include "compute/target.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// GPUs that may not be taken, and who uses each: "process 4711 (python3)".
using BusyGpus = std::map<int, std::string>;

/// The GPUs that one of `slots` slots has: they are dealt out in order, each slot has as many as another or
/// one more. With fewer GPUs than slots several slots have the same one.
std::vector<int> gpus_of_slot(const std::vector<int>& gpus, int slot, int slots);

struct SlotWish {
  int count = 1;            // of slots
  std::vector<int> gpus;    // of all slots of the target; empty: the run needs none
  bool needs_each = false;  // of its GPUs; else one that is busy is left out, as long as a slot keeps one
};
struct SlotChoice {
  std::vector<int> slots;  // as many as wished, or none
  std::vector<int> gpus;   // of these, ascending
  std::string busy;        // when there are none though enough are free: who uses what
};
/// Of the `free` slots of a target with `all` slots. Pure.
SlotChoice choose_slots(const SlotWish& wish, const std::vector<int>& free, int all, const BusyGpus& busy);

/// Pure; `is_stranger` is asked about each process.
BusyGpus find_busy(const std::vector<GpuProcesses>& use, const std::function<bool(pid_t)>& is_stranger);

/// Those that runs of other targets of this machine have, by their slots.
BusyGpus gpus_of_other_targets(const Workspace& workspace, const ComputeTarget& target);

/// As the machine is now; may take as long as the driver does. No strangers are the processes of `runs`,
/// which hold slots of the target; one that can't be seen from here counts as theirs if there are any.
BusyGpus find_busy_gpus(const std::vector<std::string>& runs);

}  // namespace amltrain
