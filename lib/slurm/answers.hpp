// What Slurm's programs print, read. Pure: the calls are in client.hpp.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amltrain {

enum class SlurmPhase { pending, active, ended };

struct SlurmJob {
  std::string id, name;
  std::string state;     // "PENDING", "NODE_FAIL", ... as squeue(1) lists them under JOB STATE CODES
  std::string reason;    // "Resources", "NodeDown", ... empty: none
  std::string nodes;     // "n[1-2]"; empty: none now
  std::string folder{};  // that it works in

  /// A state that this version doesn't know counts as active: from that nothing follows.
  SlurmPhase phase() const;
};

/// For squeue --format: a line a job.
inline constexpr const char* kQueueFormat = "%i|%T|%r|%N|%j|%Z";
/// Lines of another form, which the site's plugins may print, are passed over.
std::vector<SlurmJob> parse_queue(std::string_view text);

/// Of those with the name: the one of that `id`, or when none is known the newest that works in a folder of
/// that name, as runs do: anybody may give his job any name.
std::optional<SlurmJob> job_of(const std::vector<SlurmJob>& jobs, const std::string& name,
                               const std::string& id);

/// How a job that runs stands, as `scontrol show job ID --oneliner` says with SLURM_TIME_FORMAT=%s.
struct SlurmTimes {
  std::string state;
  int restarts = 0;
  bool preempted = false;               // it was told to make way
  std::optional<std::int64_t> started;  // seconds since 1970
  std::optional<std::int64_t> limit;    // when it is ended
};
/// Absent when it is no such line.
std::optional<SlurmTimes> parse_job_report(std::string_view line);

/// SLURM_JOB_CPUS_PER_NODE: "2(x3),4" is 2, 2, 2 and 4. Empty when it is something else.
std::vector<int> parse_counts(std::string_view text);

/// What `sbatch --parsable` prints is ID or ID;CLUSTER, maybe below words of the site's. Empty: no id.
std::string parse_submitted(std::string_view text);

}  // namespace amltrain
