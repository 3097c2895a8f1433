// Open MPI's mpirun, which starts the ranks of a run: on this machine, or on hosts, which it reaches by ssh.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "support/process.hpp"

namespace amltrain {

/// Throws Error{environment} where Open MPI is not installed.
void require_mpirun();

/// The words of mpirun that start `rank` as each rank of the job. With the target's hosts, those that the run
/// has, a node is a host, and each rank gets the variables of `rank` and of the job by their names: a value
/// on a command line could be read by anybody.
std::vector<std::string> mpirun_words(const JobDefinition& job, const ComputeTarget& target, const RunId& run,
                                      const Command& rank);

/// What mpirun itself says.
std::filesystem::path mpirun_log(const RunPaths& paths);

/// mpirun ends all ranks when one fails, and misses a host that is gone; but one that has something to tell
/// such a host waits for it, for a quarter of an hour, and for a host that lets ssh in and then says nothing
/// for ever. One that a signal has stopped does nothing at all.
class MpirunDoubt {
 public:
  /// Of the start of the worker of that number.
  MpirunDoubt(const RunPaths& paths, const JobDefinition& job, const ComputeTarget& target, int restart,
              pid_t mpirun)
      : paths_(paths), job_(job), target_(target), restart_(restart), mpirun_(mpirun) {}
  /// True when mpirun would have ended by now if it could. To be asked each second.
  bool is_stuck();
  /// It was said to be stuck, and is not to blame for its end.
  bool was_stuck() const { return was_stuck_; }
  bool was_stopped() const { return was_stopped_; }

 private:
  const RunPaths& paths_;
  const JobDefinition& job_;
  const ComputeTarget& target_;
  const int restart_;
  pid_t mpirun_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> seen_failed_, seen_stopped_;
  std::chrono::steady_clock::time_point asked_ = begun_;
  bool was_stuck_ = false, was_stopped_ = false;

  bool has_waited_long(std::chrono::steady_clock::time_point now);  // for ranks to end, or to start
  bool is_stopped(std::chrono::steady_clock::time_point now);
};

}  // namespace amltrain
