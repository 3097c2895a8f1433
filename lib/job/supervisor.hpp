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

/// The same in a batch job of Slurm, which is the run's place: it waits for no slot, and walks from Queued on
/// each time that Slurm starts the job. What Slurm does to the job is told by Slurm (settle_by_slurm()): when
/// it is ending it, no end is recorded here. Returns the exit code for Slurm, 0 for a run that is Completed.
int supervise_in_slurm(const Workspace& workspace, const RunId& id);

}  // namespace amltrain
