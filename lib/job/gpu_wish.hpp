// The GPUs that a job wants of a compute target.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "compute/gpu_choice.hpp"
#include "compute/target.hpp"
#include "job/definition.hpp"
#include "job/process_keeper.hpp"

namespace amltrain {

/// Those that the target names, each of them; of a target that names none, those of its machine. None when
/// the job says itself which it uses: a training with --device cpu, or, where the target names none, one for
/// which CUDA_VISIBLE_DEVICES is set, in the job or where it was submitted.
SlotWish slot_wish(const JobDefinition& job, const ComputeTarget& target);

/// What a run is told to use of the `chosen`: nothing when these are all there are and the target names none.
std::vector<int> gpus_to_name(const ComputeTarget& target, const std::vector<int>& chosen);

/// How long whoever asks a driver waits for its answer.
inline constexpr std::chrono::seconds kDriverPatience{30};

/// find_busy_gpus() in a process of its own: a driver can keep waiting whoever asks it.
class GpuDriver {
 public:
  /// Absent when it gives no answer in time, or has not let go yet who asked before.
  std::optional<BusyGpus> ask(ProcessKeeper& keeper, const std::vector<std::string>& runs);

 private:
  std::optional<ProcessIdentity> asking_;  // who was given up
};

}  // namespace amltrain
