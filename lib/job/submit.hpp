// From a job to a run with a supervisor of its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "support/process.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Fills defaults and checks what can be checked before a run exists: names, compute target ("local" is made
/// when absent), that inputs are there and that data is known or an image folder. Throws Error{bad_input,
/// not_found}.
JobDefinition resolve_job(const Workspace& workspace, JobDefinition job);

/// Makes the run and starts its supervisor (`amltrain supervise`, new session, own logs), which holds the
/// run's lock from before the run is visible. Returns when the supervisor has recorded Queued. Makes the
/// experiment when absent.
RunId submit(const Workspace& workspace, const JobDefinition& resolved);

/// Asks the run's supervisor to end it and returns when the run has ended: TERM, grace, KILL. A run that is
/// ended already is left alone. Throws Error{timed_out} after `patience`.
RunRecord cancel_run(const Workspace& workspace, const RunId& id, std::chrono::seconds patience);

}  // namespace amltrain
