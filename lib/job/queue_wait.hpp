// What a run does in the state Queued: it waits for the runs that it comes after, then for its turn and a
// slot.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "compute/queue.hpp"
#include "compute/target.hpp"
#include "history/run.hpp"
#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct Slot {
  ComputeTarget target;
  Lease lease;
};

/// Sleeps at most `patience`, or until `fd` (-1: none) can be read. Throws to end the waiting.
using Sleep = std::function<void(std::chrono::milliseconds patience, int fd)>;

/// `place` is the run's, from before it was recorded as Queued. Throws Error{canceled} when a run that this
/// one comes after did not end as it must, Error{timed_out} after the job's queue_timeout, both with the
/// reason; Error{not_found} when the compute target was deleted.
Slot wait_for_slot(const Workspace& workspace, const RunId& run, const std::string& compute,
                   const JobDefinition& job, QueuePlace& place, const Sleep& sleep);

}  // namespace amltrain
