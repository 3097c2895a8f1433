// Runs that are jobs of Slurm, as Slurm sees them.
#pragma once

#include <vector>

#include "history/run_store.hpp"
#include "history/state.hpp"

namespace amltrain {

/// What Slurm says of the job of `run`: now, or when it was asked within the last second, since who follows a
/// run asks again and again.
SlurmEvidence slurm_evidence(const Workspace& workspace, const RunRecord& run);

/// As read_run() with Detail::state, but absent when Slurm would be asked for it.
std::optional<RunRecord> read_unless_in_slurm(const Workspace& workspace, const RunId& id);

/// Asks for all of them in one call, or as many as users have submitted them.
void ask_slurm(const Workspace& workspace, const std::vector<RunId>& runs);

}  // namespace amltrain
