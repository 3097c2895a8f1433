// Waiting for runs as a person watches it, and the exit code that comes of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "history/run.hpp"

namespace amltrain::cli {

struct WatchOptions {
  bool show_logs = false;
  std::optional<int> rank;      // whose log; absent: everyone's
  std::uint64_t from_line = 1;  // of each log
  std::optional<std::chrono::seconds> timeout;
  bool any = false;             // one that has ended is enough
  bool propagate_exit = false;  // the exit code is the script's own
};

/// Throws Error{not_found} when the run has no worker of that number.
void require_rank(Context& context, const RunId& run, int rank);

/// Returns the records when all (or any) of `runs` have ended. Absent after Ctrl-C, which ends the watching
/// alone: that is said, and the exit code is 128 + signal.
std::optional<std::vector<RunRecord>> follow_runs(Context& context, const std::vector<RunId>& runs,
                                                  const WatchOptions& options);

/// As follow_runs(). Each one's execution summary, or its JSON document on a line of its own, is printed, and
/// context.exit_code is the worst of theirs, or that of the first script that failed.
void watch_runs(Context& context, const std::vector<RunId>& runs, const WatchOptions& options);

/// 1 (failed), then 7 (environment), 5 (timed out), 4 (canceled), 0.
int worst_exit_code(const std::vector<RunRecord>& records);

/// What the script of a run ended with, as a shell tells of it (128 + signal); of a run that did not fail by
/// its script, the code of the contract.
int script_exit_code(const RunRecord& record);

/// Says that `runs` go on after `signal_number` ended the watching of them, and sets the exit code.
/// `go_on`: options that a repeated `wait` needs to go on where this one was.
void report_interrupt(Context& context, int signal_number, const std::vector<RunId>& runs,
                      const std::string& go_on = "");

}  // namespace amltrain::cli
