#include "compute/gpu_choice.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "compute/lease.hpp"
#include "support/process_tree.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// Of /proc/PID/comm; empty when there is no such process.
std::string name_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::string describe(pid_t pid) {
  const std::string name = printable(name_of(pid));
  return "process " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

/// What it was started with names one of the runs.
bool belongs_to(pid_t pid, const std::vector<std::string>& runs) {
  return std::any_of(runs.begin(), runs.end(),
                     [&](const std::string& run) { return started_with(pid, "AMLTRAIN_RUN_ID=" + run); });
}

}  // namespace

std::vector<int> gpus_of_slot(const std::vector<int>& gpus, int slot, int slots) {
  const auto count = static_cast<std::ptrdiff_t>(gpus.size());
  if (count == 0) return {};
  const auto begin = slot * count / slots, end = std::max((slot + 1) * count / slots, begin + 1);
  return {gpus.begin() + begin, gpus.begin() + end};
}

SlotChoice choose_slots(const SlotWish& wish, const std::vector<int>& free, int all, const BusyGpus& busy) {
  SlotChoice choice;
  std::set<int> gpus, in_the_way;
  for (const int slot : free) {
    if (static_cast<int>(choice.slots.size()) == wish.count) break;
    std::vector<int> usable;
    const std::vector<int> own = gpus_of_slot(wish.gpus, slot, all);
    for (const int gpu : own) {
      if (busy.contains(gpu))
        in_the_way.insert(gpu);
      else
        usable.push_back(gpu);
    }
    const std::size_t least = wish.needs_each ? own.size() : std::min<std::size_t>(own.size(), 1);
    if (usable.size() < least) continue;
    choice.slots.push_back(slot);
    gpus.insert(usable.begin(), usable.end());
  }
  if (static_cast<int>(choice.slots.size()) == wish.count) {
    choice.gpus.assign(gpus.begin(), gpus.end());
    return choice;
  }
  if (static_cast<int>(free.size()) < wish.count) return {};
  std::vector<std::string> words;
  for (const int gpu : in_the_way)
    words.push_back("GPU " + std::to_string(gpu) + " is used by " + busy.at(gpu));
  return {{}, {}, join(words, ", ")};
}

BusyGpus find_busy(const std::vector<GpuProcesses>& use, const std::function<bool(pid_t)>& is_stranger) {
  BusyGpus busy;
  for (const GpuProcesses& gpu : use) {
    const auto stranger = std::find_if(gpu.processes.begin(), gpu.processes.end(), is_stranger);
    if (stranger != gpu.processes.end()) busy[gpu.index] = describe(*stranger);
  }
  return busy;
}

BusyGpus gpus_of_other_targets(const Workspace& workspace, const ComputeTarget& target) {
  BusyGpus busy;
  for (const ComputeTarget& other : list_computes(workspace)) {
    if (other.name == target.name || other.inventory.host != target.inventory.host) continue;
    for (const SlotHolder& holder : slot_holders(workspace, other))
      for (const int gpu : holder.gpus) busy[gpu] = "run " + holder.run + " of '" + other.name + "'";
  }
  return busy;
}

BusyGpus find_busy_gpus(const std::vector<std::string>& runs) {
  return find_busy(GpuWatch().processes(), [&](pid_t pid) {
    // A container sees ids of the driver's pid namespace, which name nobody in its own.
    if (!stat_fields(pid)) return runs.empty();
    // The daemon of NVIDIA's Multi-Process Service (15 characters of its name) computes for others.
    if (name_of(pid) == "nvidia-cuda-mps") return false;
    return !belongs_to(pid, runs);
  });
}

}  // namespace amltrain
