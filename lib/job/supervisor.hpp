// The process that walks one run through its stages. Only it writes the run's events.
#pragma once

#include "history/run_store.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Queued (waits for a slot of the compute target), Preparing (inputs, data fingerprint), Running (the
/// worker), Finalizing (hashes of outputs, summary), then the end. Never throws: what goes wrong is recorded
/// as the failure. `ready_fd`: a byte is written there once Queued is recorded (-1: none). Ends no process's
/// parent: the worker dies with the supervisor. SIGTERM with a cancel request cancels; without one it is a
/// request to stop too.
void supervise(const Workspace& workspace, RunWriter writer, int ready_fd);

}  // namespace amltrain
