// The GPUs that a job wants of a compute target.
#pragma once

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

/// find_busy_gpus() in a process of its own: a driver can keep waiting whoever asks it. One that gives no
/// answer in time has no GPU that may be taken.
BusyGpus ask_for_busy_gpus(ProcessKeeper& keeper, const ComputeTarget& target,
                           const std::vector<std::string>& runs);

}  // namespace amltrain
