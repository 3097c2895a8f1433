// What a run does in the state Queued: it waits for the runs that it comes after, then for its turn and its
// slots.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compute/gpu_choice.hpp"
#include "compute/lease.hpp"
#include "compute/queue.hpp"
#include "compute/target.hpp"
#include "history/run.hpp"
#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct Slot {
  ComputeTarget target;  // its gpus and hosts are those that the run is told to use
  Lease lease;
};
/// "slot 0 of 'local'", "slots 0, 2 of 'four'", "hosts n1, n2 of 'lab'"
std::string describe(const Slot& slot);

/// What the waiting process can do meanwhile. They throw to end the waiting.
struct QueueCalls {
  /// Sleeps at most `patience`, or until `fd` (-1: none) can be read.
  std::function<void(std::chrono::milliseconds patience, int fd)> sleep;
  /// GPUs that may not be taken; no strangers are the processes of `runs`. Absent when the driver gives no
  /// answer.
  std::function<std::optional<BusyGpus>(const std::vector<std::string>& runs)> find_busy_gpus;
  /// Records why the run waits while it has no place in the queue that would say so.
  std::function<void(const std::string& why)> tell;
};

/// `place` is the run's, from before it was recorded as Queued. Throws Error{canceled} when a run that this
/// one comes after did not end as it must, Error{timed_out} after the job's queue_timeout, both with the
/// reason; Error{not_found} when the compute target was deleted.
Slot wait_for_slot(const Workspace& workspace, const RunId& run, const std::string& compute,
                   const JobDefinition& job, QueuePlace& place, const QueueCalls& calls);

}  // namespace amltrain
