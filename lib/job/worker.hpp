// The process that runs a job's command.
#pragma once

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "support/process.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct Worker {
  Command command;   // for start_process
  bool is_amltrain;  // run directly, without a shell
};

/// `expanded` is the command with its placeholders replaced. A plain `amltrain ...` is this program itself;
/// anything else goes to /bin/sh -c, which finds this program as `amltrain` first in PATH. The command runs
/// in the working folder and writes both streams to logs/rank-0.log. Its environment is the submitter's, then
/// the job's, then that of docs/contract.md; `restarts`: how often it was started before. `target`: its hosts
/// are those that the run has.
Worker make_worker(const Workspace& workspace, const RunWriter& run, const JobDefinition& job,
                   const ComputeTarget& target, const std::string& expanded, int restarts);

/// Once its environment is complete: mpirun starts the worker's command as each rank, with a log of its own.
void start_by_mpirun(Worker& worker, const RunWriter& run, const JobDefinition& job,
                     const ComputeTarget& target);

}  // namespace amltrain
