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

/// The same in a batch job of Slurm, from which the run has its place: no slot, and Queued only when Slurm
/// starts the job again. What Slurm does to the job is told by Slurm (settle_by_slurm()): when it is ending
/// it, nothing is recorded but what the worker did. Returns the exit code for Slurm, 0 for a run that is
/// Completed.
int supervise_in_slurm(const Workspace& workspace, const RunId& id);

}  // namespace amltrain
