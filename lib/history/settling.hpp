// Ending a run that its supervisor can't end any more: once, with the reason, after its processes.
#pragma once

#include "history/run_store.hpp"
#include "history/state.hpp"

namespace amltrain {

/// What is to be seen of the supervisor of `run`, besides whether its lock is held.
Evidence evidence_about(const RunPaths& paths, const RunRecord& run, bool lock_held);

/// For who holds the run's lock: if by `seen` the run has lost its supervisor, kills what is left of it and
/// then records the end that follows.
void end_lost_run(RunWriter& run, const Evidence& seen);

/// True of an ended run whose end another than its supervisor recorded: processes of it may be left, where
/// the kernel could not end them.
bool lost_its_supervisor(const RunRecord& run);

/// The run as it is when `seen` is so: ended on disk by the first who looks. On a store that can't be
/// written, and from within the run, its end is told all the same.
RunRecord settled(const Workspace& workspace, const RunRecord& run, const Evidence& seen);

/// True of a run that goes on in Slurm as far as is known here, whose supervisor is not seen here.
bool is_for_slurm(const RunPaths& paths, const RunRecord& run, bool lock_held);

/// Such a run as it is by what Slurm says (slurm_view.hpp): ended on disk as by settled(), else as Slurm
/// tells of its job, which changes nothing on disk.
RunRecord settled_by_slurm(const Workspace& workspace, const RunRecord& before);

}  // namespace amltrain
