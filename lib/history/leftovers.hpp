// Processes of a run that lived on after its supervisor: all that is left to find them by is what the events
// tell, the control group and the mark.
#pragma once

#include <chrono>
#include <string>

#include "history/run.hpp"
#include "support/run_memory.hpp"

namespace amltrain {

/// The name of a run's control group.
std::string control_group_name(const RunId& id);

/// True when this process is itself one of the run's.
bool is_within(const RunRecord& run);

/// Kills what is left of a run whose supervisor is gone: all in its control group, and every process that was
/// started with its mark, with their children, however they were forked. Not those of an earlier boot, nor
/// any that is older than the supervisor. Their shared memory goes as well. False when some are left after
/// `patience`: stuck in the kernel, or another user's.
bool end_leftovers(const RunRecord& run, std::chrono::milliseconds patience);

}  // namespace amltrain
