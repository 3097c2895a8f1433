// The processes of a run that mpirun starts: how many there are, and how each ended. Each is an
// `amltrain rank` (rank_process.hpp), which starts the job's command and writes down its end.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "support/clock.hpp"
#include "support/process.hpp"

namespace amltrain {

/// Nodes times processes of each.
int world_size(const JobDefinition& job);
/// On fewer the ranks are not started again: the job's min_nodes; where it says nothing 1 of the built-in
/// trainer, and all of anything else.
int least_nodes(const JobDefinition& job);

/// On other hosts even a single process.
bool is_started_by_mpirun(const JobDefinition& job, const ComputeTarget& target);

/// How a rank's command ended: logs/rank-N.json, which is there from its start.
struct RankEnd {
  int rank = 0;
  int restart = 0;  // the start of the worker that it was one of: AMLTRAIN_RESTARTS
  std::string host;
  Time started_at;
  std::optional<Time> ended_at;  // absent: it goes on, or was killed with all that would have told
  ExitStatus status;
  bool asked = false;  // it was asked to end, by mpirun
};
void to_json(json& out, const RankEnd& end);
/// Not over that of a later start, nor once the run is over, whose record has the hash of the file: a host
/// that was cut off may write when it is back.
void write_rank_end(const RunPaths& paths, const RankEnd& end);

/// Of the ranks that failed unasked, in that start, the one that did first: the others ended because mpirun
/// then ended them. Absent when none wrote down that it failed.
std::optional<RankEnd> first_failed_rank(const RunPaths& paths, int world_size, int restart);

/// "rank 2 did not start on host n2": of the hosts of that start. Empty when all ranks did start.
std::string describe_absent_ranks(const RunPaths& paths, const JobDefinition& job,
                                  const ComputeTarget& target, int restart);

/// True when each of `ranks` that started, in that start, has written down its end, and, if `all`, each did
/// start.
bool have_told(const RunPaths& paths, std::span<const int> ranks, int restart, bool all);

/// True when each rank of that start came to its end unasked, with exit code 0.
bool have_succeeded(const RunPaths& paths, int world_size, int restart);

/// Removes the shared memory of ranks of the built-in trainer, those of the host `node` of the run which this
/// machine is, that were killed before they had all met.
void forget_rendezvous(const std::string& mark, const std::string& secret, int node);

/// Before the ranks start again.
void forget_rank_ends(const RunPaths& paths, int world_size);

}  // namespace amltrain
