// Of the processes of a worker: whose end is that of the run, and what it wrote last.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "job/process_keeper.hpp"

namespace amltrain {

/// The logs of the ranks and of what starts them, and where each ended before a start.
class LogsBefore {
 public:
  LogsBefore(const RunPaths& paths, const JobDefinition& job);
  /// What was written since, at its end; of mpirun without a rank.
  std::string tail(std::optional<int> rank) const;

 private:
  const RunPaths& paths_;
  std::vector<std::uint64_t> sizes_;  // by rank
  std::uint64_t mpirun_size_;
};

/// The rank whose end is that of the run that mpirun started, at the start of that number; that becomes
/// `end`. Absent when mpirun alone failed, or was asked to end. Of ranks that all succeeded the run has,
/// whatever became of mpirun then.
std::optional<int> rank_to_blame(const RunPaths& paths, const JobDefinition& job, int restart, ChildEnd& end);

}  // namespace amltrain
