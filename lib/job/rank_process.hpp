// What `amltrain rank` does: one process of a run, started by mpirun on whatever machine.
#pragma once

#include <string>
#include <vector>

#include "history/run_store.hpp"

namespace amltrain {

/// In a process that mpirun started: runs `words` with the variables of its rank, both streams to
/// logs/rank-N.log, and writes down the end. Returns the exit code, 128 + N for signal N. Nothing that the
/// command started stays, whichever one process of these is killed: this one has a keeper in a group of its
/// own, since mpirun ends by signals to the group of this one.
int run_rank(const RunPaths& paths, int procs_per_node, const std::vector<std::string>& words);

}  // namespace amltrain
