// What Slurm has given a run: the batch job that this process is in.
#pragma once

#include <string>
#include <vector>

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "slurm/answers.hpp"

namespace amltrain {

/// What Slurm is about to do with the job.
enum class SlurmIntent { nothing, time_limit, end_it, unknown };

class Allocation {
 public:
  /// By the variables that Slurm gives a batch job. Throws Error{bad_input} where there is none.
  static Allocation of_this_process();

  const std::string& job() const { return job_; }
  /// "Slurm job 12 on n1, n2"
  std::string describe() const;
  /// Where the ranks of a run are started: on one node as on a machine of its own, on several as on hosts.
  ComputeTarget target(const std::string& compute, const JobDefinition& job) const;

  SlurmIntent intent() const;
  /// Whether it was told to make way for another job, and has the time that this one is given for it; absent
  /// without an answer.
  std::optional<bool> is_to_make_way() const;
  /// How long the job has in all; absent when that isn't known.
  std::optional<std::chrono::seconds> time_limit() const;

  /// Why a run that had begun is started from its beginning: "requeued by Slurm, as node n1 is down".
  std::string explain_requeue(const RunRecord& before) const;

 private:
  std::string job_;
  int restarts_ = 0;
  std::vector<std::string> nodes_;
  std::vector<int> cpus_;            // of each node
  int threads_ = 0;                  // --cpus-per-task; 0: not said
  std::optional<SlurmTimes> times_;  // when it began; absent: not known
};

}  // namespace amltrain
