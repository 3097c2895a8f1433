// Watching runs: live logs, and waiting for the end.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "history/run_store.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct LogLine {
  int rank = 0;                // of the worker that wrote it
  bool several_ranks = false;  // have written so far
  std::uint64_t number = 0;    // in its log, from 1
  const std::string& text;
};

enum class Until { all_ended, any_ended };

struct FollowOptions {
  bool logs = true;
  std::optional<int> rank;      // whose log; absent: everyone's
  std::uint64_t from_line = 1;  // of each log
  Until until = Until::all_ended;
  std::optional<std::chrono::milliseconds> timeout;          // Error{timed_out}; the runs go on
  std::function<void(const RunId&, const LogLine&)> on_log;  // whole lines of the workers' logs
  std::function<void(const RunId&, const Event&)> on_event;
  std::function<bool()> stop;  // true: Error{canceled}; the runs go on
};

/// Returns the records, in order of `runs`, of those that have ended, when all or any have. A supervisor that
/// dies is noticed within a second.
std::vector<RunRecord> wait_for_runs(const Workspace& workspace, const std::vector<RunId>& runs,
                                     const FollowOptions& options);

}  // namespace amltrain
