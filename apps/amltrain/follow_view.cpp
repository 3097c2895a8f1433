#include "follow_view.hpp"

#include <algorithm>
#include <array>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "job/follow.hpp"
#include "job/ranks.hpp"
#include "progress_line.hpp"
#include "run_view.hpp"
#include "stop_signals.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

/// How far a watch has come, so that the next can go on there.
struct Seen {
  std::uint64_t next_line = 1;
  bool several_ranks = false;
};

std::vector<RunRecord> follow(Context& context, const std::vector<RunId>& runs, const WatchOptions& options,
                              const StopSignals& signals, Seen& seen) {
  ProgressLine progress;
  FollowOptions follow;
  follow.logs = options.show_logs;
  follow.rank = options.rank;
  follow.from_line = options.from_line;
  follow.until = options.any ? Until::any_ended : Until::all_ended;
  follow.timeout = options.timeout;
  follow.stop = [&] { return signals.received() != 0; };
  follow.on_log = [&](const RunId& run, const LogLine& line) {
    seen = {line.number + 1, seen.several_ranks || line.several_ranks};
    const std::string rank = line.several_ranks ? "[rank " + std::to_string(line.rank) + "] " : "";
    if (runs.size() > 1 || line.several_ranks) {
      progress.line((runs.size() > 1 ? run + ": " : "") + rank + line.text);
    } else {
      progress.log_line(line.text);
    }
  };
  if (!context.json_output()) {
    follow.on_event = [&](const RunId& run, const Event& event) {
      progress.line(run + ": " + name_of(event.state) + (event.reason.empty() ? "" : ", " + event.reason));
    };
  }
  return wait_for_runs(context.workspace(), runs, follow);
}

/// One number tells how far the logs were shown only where there is one log.
std::string go_on_options(const std::vector<RunId>& runs, const WatchOptions& options, const Seen& seen) {
  if (!options.show_logs) return "";
  const bool one_log = runs.size() == 1 && (options.rank || !seen.several_ranks);
  std::string words = " --show-output";
  if (options.rank) words += " --rank " + std::to_string(*options.rank);
  if (one_log && seen.next_line > 1) words += " --from " + std::to_string(seen.next_line);
  return words;
}

int first_script_failure(const std::vector<RunRecord>& records) {
  for (const RunRecord& record : records) {
    if (const int code = script_exit_code(record); code != 0) return code;
  }
  return 0;
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

int script_exit_code(const RunRecord& record) {
  // Without a rank it is mpirun's end.
  const bool by_script = record.failure && record.failure->rank &&
                         record.failure->stage == name_of(State::running) &&
                         record.failure->category != name_of(category::timed_out);
  if (record.state != State::failed || !by_script) return exit_code_of(record);
  if (record.failure->signal) return 128 + *record.failure->signal;
  return record.failure->code.value_or(exit_code_of(record));
}

void report_interrupt(Context& context, int signal_number, const std::vector<RunId>& runs,
                      const std::string& go_on) {
  const std::string names = join(runs, " ");
  context.report(
      "interrupted", "interrupted; " + names + (runs.size() > 1 ? " go on" : " goes on"),
      "wait again with: amltrain wait " + names + go_on + "; end with: amltrain runs cancel " + names);
  context.exit_code = 128 + signal_number;
}

void require_rank(Context& context, const RunId& run, int rank) {
  if (rank == 0) return;  // a damaged run may not say how many it has
  const int ranks = world_size(parse_job(read_definition(RunPaths(context.workspace(), run)).job));
  if (rank < ranks) return;
  throw Error(category::not_found, "run " + run + " has no rank " + std::to_string(rank),
              ranks == 1 ? "it has one rank, 0" : "its ranks are 0 to " + std::to_string(ranks - 1));
}

std::optional<std::vector<RunRecord>> follow_runs(Context& context, const std::vector<RunId>& runs,
                                                  const WatchOptions& options) {
  const StopSignals signals;
  Seen seen{options.from_line};
  try {
    return follow(context, runs, options, signals, seen);
  } catch (const Error& error) {
    if (error.kind() != category::canceled || signals.received() == 0) throw;
    report_interrupt(context, signals.received(), runs, go_on_options(runs, options, seen));
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
  context.exit_code = options.propagate_exit ? first_script_failure(records) : worst_exit_code(records);
}

}  // namespace amltrain::cli
