// Slurm's programs, called: squeue, scontrol, scancel, sbatch and sinfo of this machine's PATH.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "slurm/answers.hpp"

namespace amltrain {

/// How long the controller has for an answer; what it takes to find out that none is there is four seconds.
inline constexpr std::chrono::seconds kSlurmPatience{8};

struct SlurmAnswer {
  std::string text;     // of both streams
  std::string problem;  // why it is no answer, as Slurm says it; empty: it is one
};
/// `variables` are added to the environment. What a user has set for squeue and the like alone is not passed
/// on: it would leave jobs out.
SlurmAnswer call_slurm(const std::vector<std::string>& words,
                       const std::map<std::string, std::string>& variables = {},
                       std::chrono::milliseconds patience = kSlurmPatience, int inherited_fd = -1);

/// Jobs of these names and this user that the controller knows, ended ones too.
struct QueueAnswer {
  std::vector<SlurmJob> jobs;
  std::string problem;  // empty: these are all
};
QueueAnswer ask_queue(const std::vector<std::string>& names, uid_t user);

/// Absent without an answer.
std::optional<SlurmTimes> ask_job(const std::string& id);

/// Its name, of the cluster that answers here; empty without an answer.
std::string ask_cluster();

/// Names of "n[1-2],m4"; asks no controller.
std::vector<std::string> names_of_nodes(const std::string& list);

/// "down*", "idle", ... of a node; empty without an answer.
std::string ask_node(const std::string& node);

/// Throws Error{bad_input} naming the partitions that there are, Error{environment} when it is not up, or
/// when Slurm can't be asked. Returns how many nodes it has.
int require_partition(const std::string& partition);

/// All three: the job of that id, if its name is that of the run.
/// A job that has begun is left alone.
void cancel_pending_job(const std::string& run, const std::string& job);
/// SIGTERM to the batch script of a job that runs.
void ask_job_to_end(const std::string& run, const std::string& job);
void cancel_job(const std::string& run, const std::string& job);

}  // namespace amltrain
