// Going on, in a new run, with the training of one that ended before it was done.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct Resumption {
  RunId run;
  JobDefinition job;                  // of the new run: that of `run`, without its name
  std::filesystem::path checkpoints;  // of `run`, a folder
  std::filesystem::path metrics;      // of `run`, a file
  json match;                         // what must be the same: see checkpoint/match.hpp
};

/// Throws Error{conflict} for a run that has not ended, or is completed; Error{bad_input} when its command is
/// not the built-in trainer alone; Error{not_found} when it has no checkpoint.
Resumption find_resumption(const Workspace& workspace, const RunId& run);

/// Puts trainer options on top of the job's. Throws Error{bad_input} for one that decides the result and was
/// another when the training began.
void add_resumed_arguments(Resumption& resumption, const std::vector<std::string>& arguments);

/// Threads of a process when the training of that run began, by its newest checkpoint; absent without one.
/// They decide the result, and may follow from the machine.
std::optional<int> threads_begun_with(const JobDefinition& job, const RunPaths& paths);

/// Gives the new run the checkpoints and the metrics of the old one, which stays as it is: nothing that
/// happens to either changes the other.
void take_over(const Resumption& resumption, const RunPaths& made);

}  // namespace amltrain
