#include "follow_view.hpp"

#include <algorithm>
#include <array>

#include "job/follow.hpp"
#include "progress_line.hpp"
#include "run_view.hpp"
#include "stop_signals.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

std::vector<RunRecord> follow(Context& context, const std::vector<RunId>& runs, const WatchOptions& options,
                              const StopSignals& signals) {
  ProgressLine progress;
  const auto prefix = [&](const RunId& run) { return runs.size() > 1 ? run + ": " : std::string(); };
  FollowOptions follow;
  follow.logs = options.show_logs;
  follow.timeout = options.timeout;
  follow.stop = [&] { return signals.received() != 0; };
  follow.on_log = [&](const RunId& run, const std::string& line) {
    if (runs.size() > 1) {
      progress.line(prefix(run) + line);
    } else {
      progress.log_line(line);
    }
  };
  if (!context.json_output()) {
    follow.on_event = [&](const RunId& run, const Event& event) {
      progress.line(run + ": " + name_of(event.state) + (event.reason.empty() ? "" : ", " + event.reason));
    };
  }
  return wait_for_runs(context.workspace(), runs, follow);
}

}  // namespace

int worst_exit_code(const std::vector<RunRecord>& records) {
  constexpr std::array order = {0, 4, 5, 7, 1};
  int worst = 0;
  for (const RunRecord& record : records) {
    const auto rank = [&](int code) { return std::find(order.begin(), order.end(), code); };
    const int code = exit_code_of(record);
    if (rank(code) > rank(worst)) worst = code;
  }
  return worst;
}

void report_interrupt(Context& context, int signal_number, const std::vector<RunId>& runs) {
  const std::string names = join(runs, " ");
  context.report("interrupted", "interrupted; " + names + (runs.size() > 1 ? " go on" : " goes on"),
                 "wait again with: amltrain wait " + names + "; end with: amltrain runs cancel " + names);
  context.exit_code = 128 + signal_number;
}

std::optional<std::vector<RunRecord>> follow_runs(Context& context, const std::vector<RunId>& runs,
                                                  const WatchOptions& options) {
  const StopSignals signals;
  try {
    return follow(context, runs, options, signals);
  } catch (const Error& error) {
    if (error.kind() != category::canceled || signals.received() == 0) throw;
    report_interrupt(context, signals.received(), runs);
    return std::nullopt;
  }
}

void watch_runs(Context& context, const std::vector<RunId>& runs, const WatchOptions& options) {
  const auto followed = follow_runs(context, runs, options);
  if (!followed) return;
  const std::vector<RunRecord>& records = *followed;
  for (const RunRecord& record : records) {
    if (context.json_output()) {
      context.print_line(record);
    } else {
      if (&record != &records.front()) context.out() << '\n';
      show_execution_summary(context.out(), record);
    }
  }
  context.exit_code = worst_exit_code(records);
}

}  // namespace amltrain::cli
