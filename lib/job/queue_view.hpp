// What a queued run waits for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"

namespace amltrain {

/// "waits for the end of run X, which is Running"; empty when it waits for none. Throws Error{canceled} when
/// one ended as the job does not allow, or was deleted.
std::string explain_predecessors(const Workspace& workspace, const JobDefinition& job);

/// What the first in the queue waits for: "next, when 2 of the 4 slots of 'four' are free; held by A, B".
/// `wanted`: how many slots it takes. `busy`: of SlotChoice. When `run`, which is the first, has got a slot
/// meanwhile: `busy`, or that it has one.
std::string explain_slots(const Workspace& workspace, const ComputeTarget& target, const RunId& run,
                          int wanted, const std::string& busy);

/// Gives each run that is Queued its place in the queue and, as its reason, what it waits for.
void explain_queue(const Workspace& workspace, std::vector<RunRecord>& runs);
void explain_queue(const Workspace& workspace, RunRecord& run);

}  // namespace amltrain
