// Which GPUs a run may take: none that a stranger computes on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compute/nvml.hpp"
#include "compute/target.hpp"

namespace amltrain {

struct GpuChoice {
  std::vector<int> gpus;  // for the run; empty: all that there are, or the machine has none
  std::string busy;       // why it must wait, in words; empty: it need not
};

/// GPUs that the target names are all taken or waited for; of a target that names none, those without a
/// stranger are taken, and one is waited for when there is none. `is_stranger` is asked about each process.
/// Pure.
GpuChoice choose_gpus(const ComputeTarget& target, const std::vector<GpuUse>& use,
                      const std::function<bool(pid_t)>& is_stranger);

/// As the machine is now. No strangers are the processes of `runs`, which hold slots of the target; one that
/// can't be seen from here counts as theirs if there are any.
GpuChoice choose_gpus(const ComputeTarget& target, const std::vector<std::string>& runs);

}  // namespace amltrain
