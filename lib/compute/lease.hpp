// Slots of a compute target: what a run must hold to be executed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compute/target.hpp"
#include "support/lock.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Slots held by kernel locks, leases/COMPUTE/slot-N.lock, which vanish with their holder.
class Lease {
 public:
  /// All of `slots`, or absent when one of them is in use or the target is gone. `run` and the `gpus` that it
  /// uses are written into each for those who ask.
  static std::optional<Lease> try_take(const Workspace& workspace, const ComputeTarget& target,
                                       const std::vector<int>& slots, const std::string& run = "",
                                       const std::vector<int>& gpus = {});
  const std::vector<int>& slots() const { return slots_; }
  /// The runs that held them before, as far as is known: the last, and those before it that it had not seen
  /// off. They are written into the slots until forget_previous(), so that they are not lost with this
  /// holder.
  const std::vector<std::string>& previous_holders() const { return previous_; }
  void forget_previous();
  /// Those of the slots that `run`, one of these, held.
  std::vector<int> slots_after(const std::string& run) const;
  /// Lets the slots go as they were found, by one that has not used them: it is no previous holder.
  void give_back();
  /// Of their locks, to be kept open by others.
  std::vector<int> fds() const;

 private:
  Lease() = default;
  std::string run_;
  std::vector<int> slots_, gpus_;
  std::vector<std::string> previous_;
  std::vector<std::vector<std::string>> previous_of_each_;  // the last one at the end
  std::vector<std::filesystem::path> files_;
  std::vector<FileLock> locks_;
};

/// Slots that nobody holds now, ascending.
std::vector<int> free_slots(const Workspace& workspace, const ComputeTarget& target);
/// How many are in use now.
int slots_in_use(const Workspace& workspace, const ComputeTarget& target);

struct SlotHolder {
  std::string run;
  std::vector<int> gpus;  // that it may use; empty: it asked for none
};
/// The runs that hold a slot, each once.
std::vector<SlotHolder> slot_holders(const Workspace& workspace, const ComputeTarget& target);

}  // namespace amltrain
