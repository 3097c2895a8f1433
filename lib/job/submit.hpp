// From a job to a run with a supervisor of its own.
#pragma once

#include <chrono>
#include <filesystem>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "job/resume.hpp"
#include "snapshot/scan.hpp"
#include "support/process.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Fills defaults and checks what can be checked before a run exists: names, compute target ("local" is made
/// when absent), placeholders, that inputs are there, and that the trainer's data is an image folder. Data of
/// the workspace becomes "azureml:NAME", other paths absolute. Throws Error{bad_input, not_found}.
JobDefinition resolve_job(const Workspace& workspace, JobDefinition job);

/// Makes the run. On a compute target of kind slurm it becomes a job of Slurm (slurm_submit.hpp) that starts
/// its supervisor; else that is started here, which holds the run's lock from before the run is visible, as
///   PROGRAM supervise --workspace ROOT --run ID --lock-fd N --ready-fd M
/// in a session of its own, with logs/supervisor.log as its standard error. Returns when the supervisor has
/// recorded Queued. Makes the experiment when absent. Throws Error{environment} when the supervisor does not
/// get that far; the run has ended as Failed then. With a `resumption` the run takes over its checkpoints
/// before, and has its snapshot; one that `reproduces` another has that one's. Else the source of a job that
/// has one is stored: as `source` saw it, or as it is now.
RunId submit(const Workspace& workspace, const JobDefinition& resolved,
             const std::filesystem::path& program = own_executable(), const Resumption* resumption = nullptr,
             const SourceScan* source = nullptr, const RunId& reproduces = "");

/// The data that a run of the job is known by: the input "data", else the only folder or file that is no
/// model. The fingerprint is there for data of the workspace. Throws as locate_input().
std::optional<DataReference> data_of(const Workspace& workspace, const JobDefinition& job);

/// Asks the run's supervisor to end it and returns when the run has ended: TERM, grace, KILL. A run that is
/// ended already is left alone. Throws Error{timed_out} after `patience`; the run goes on ending.
RunRecord cancel_run(const Workspace& workspace, const RunId& id, std::chrono::seconds patience);
/// Asks and does not wait.
RunRecord request_cancel(const Workspace& workspace, const RunId& id);

}  // namespace amltrain
