// What sbatch is told of a run. Pure.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "slurm/settings.hpp"

namespace amltrain {

/// How long before its time limit a job is told of it: the worker has 10 s to end, and its results are to be
/// hashed. Slurm may tell it a minute earlier (sbatch(1), --signal).
inline constexpr std::chrono::seconds kNoticeOfLimit{30};

struct BatchRequest {
  std::string name;  // of the job, by which it is found: the run's id
  SlurmSettings settings;
  std::filesystem::path folder, log, script;
  int nodes = 1, procs_per_node = 1;
  int threads = 0;                                 // of each process; 0: as many CPUs as the cluster gives
  std::optional<std::chrono::seconds> time_limit;  // of the run; absent: the partition's
  int nice = 0;
  std::vector<std::string> after;  // "afterok:12"
};
/// No value of a variable is among the words: sbatch passes its environment on.
std::vector<std::string> sbatch_words(const BatchRequest& request);

/// The script that Slurm keeps and starts, with `words` as its one command.
std::string batch_script(const std::string& run, const std::vector<std::string>& words);

}  // namespace amltrain
