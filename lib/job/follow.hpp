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

struct FollowOptions {
  bool logs = true;
  std::optional<std::chrono::milliseconds> timeout;                   // Error{timed_out}; the runs go on
  std::function<void(const RunId&, const std::string& line)> on_log;  // whole lines of the worker's log
  std::function<void(const RunId&, const Event&)> on_event;
  std::function<bool()> stop;  // true: Error{canceled}; the runs go on
};

/// Returns the records, in order of `runs`, when all have ended. A supervisor that dies is noticed within a
/// second.
std::vector<RunRecord> wait_for_runs(const Workspace& workspace, const std::vector<RunId>& runs,
                                     const FollowOptions& options);

}  // namespace amltrain
