// The processes of a run that has several: who they are, and how each ended. Open MPI's mpirun starts
// `amltrain rank` as often as there are ranks, and that starts the job's command.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "support/clock.hpp"
#include "support/process.hpp"

namespace amltrain {

/// Nodes times processes of each.
int world_size(const JobDefinition& job);

/// How a rank's command ended: logs/rank-N.json.
struct RankEnd {
  int rank = 0;
  std::string host;
  Time started_at, ended_at;
  ExitStatus status;
};
void to_json(json& out, const RankEnd& end);

/// Throws Error{environment} where Open MPI is not installed.
void require_mpirun();

/// The words of mpirun that start `words` as each rank of the job.
std::vector<std::string> mpirun_words(const JobDefinition& job, const RunId& run,
                                      const std::vector<std::string>& words);

/// In a process that mpirun started: runs `words` with the variables of its rank, both streams to
/// logs/rank-N.log, and writes down the end. Returns the exit code, 128 + N for signal N.
int run_rank(const RunPaths& paths, int procs_per_node, const std::vector<std::string>& words);

/// Of the ranks that failed the one that did first: the others ended because mpirun then ended them. Absent
/// when none wrote down that it failed.
std::optional<RankEnd> first_failed_rank(const RunPaths& paths, int world_size);

/// Removes the shared memory of ranks of the built-in trainer that were killed before they had all met.
void forget_rendezvous(const Command& ranks);

/// What mpirun itself says.
std::filesystem::path mpirun_log(const RunPaths& paths);

/// Before the ranks start again.
void forget_rank_ends(const RunPaths& paths, int world_size);

}  // namespace amltrain
