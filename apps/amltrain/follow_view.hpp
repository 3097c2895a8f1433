// Waiting for runs as a person watches it, and the exit code that comes of it.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "context.hpp"
#include "history/run.hpp"

namespace amltrain::cli {

struct WatchOptions {
  bool show_logs = false;
  std::optional<std::chrono::seconds> timeout;
};

/// Returns the records when all `runs` have ended. Absent after Ctrl-C, which ends the watching alone: that
/// is said, and the exit code is 128 + signal.
std::optional<std::vector<RunRecord>> follow_runs(Context& context, const std::vector<RunId>& runs,
                                                  const WatchOptions& options);

/// As follow_runs(). Each one's execution summary, or its JSON document on a line of its
/// own, is printed, and context.exit_code is the worst of theirs.
void watch_runs(Context& context, const std::vector<RunId>& runs, const WatchOptions& options);

/// 1 (failed), then 7 (environment), 5 (timed out), 4 (canceled), 0.
int worst_exit_code(const std::vector<RunRecord>& records);

/// Says that `runs` go on after `signal_number` ended the watching of them, and sets the exit code.
void report_interrupt(Context& context, int signal_number, const std::vector<RunId>& runs);

}  // namespace amltrain::cli
