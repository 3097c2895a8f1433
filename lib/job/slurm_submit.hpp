// Handing a run to Slurm, whose queue and whose watch over it take the place of the queue and keeper here.
#pragma once

#include <filesystem>

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "job/secret_variables.hpp"

namespace amltrain {

/// Makes the run a batch job, whose script is PROGRAM supervise, and records it as Queued. The job has this
/// process's environment and `secrets`. sbatch holds the run's lock as long as it works, so that of a
/// submitter that is killed nobody says too soon that it never submitted; the job has the run's id as its
/// name and is found by that. Throws Error{environment} with what sbatch says.
void submit_to_slurm(const Workspace& workspace, RunWriter& run, const JobDefinition& job,
                     const ComputeTarget& target, const Variables& secrets,
                     const std::filesystem::path& program);

}  // namespace amltrain
