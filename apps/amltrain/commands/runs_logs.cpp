// runs logs
#include <fstream>
#include <limits>

#include "../checks.hpp"
#include "../follow_view.hpp"
#include "../stop_signals.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "job/follow.hpp"
#include "job/ranks.hpp"
#include "support/regular_file.hpp"

namespace amltrain::cli {
namespace {

struct LogsOptions {
  std::string run;
  bool follow = false, supervisor = false;
  int rank = 0;
  std::uint64_t from_line = 1;
};

void print_log_line(const Context& context, const RunId& run, std::optional<int> rank, std::uint64_t number,
                    const std::string& line) {
  if (context.json_output()) {
    context.print_line(
        {{"run", run}, {"rank", rank ? json(*rank) : json(nullptr)}, {"number", number}, {"line", line}});
  } else {
    context.out() << line << '\n' << std::flush;
  }
}

void print_file(const Context& context, const RunId& run, const LogsOptions& chosen, std::optional<int> rank,
                const std::filesystem::path& file) {
  if (is_irregular(file)) throw Error(category::bad_input, file.string() + " is no regular file");
  std::ifstream log(file, std::ios::binary);
  std::uint64_t number = 0;  // no log: the run has not come so far
  for (std::string line; std::getline(log, line);) {
    if (++number >= chosen.from_line) print_log_line(context, run, rank, number, line);
  }
}

/// Of a run that no worker was started of, it tells why.
void print_environment_log(Context& context, const RunId& run, const LogsOptions& chosen) {
  const RunPaths paths(context.workspace(), run);
  std::error_code unreadable;
  if (!ranks_with_logs(paths).empty() || !std::filesystem::exists(paths.environment_log(), unreadable))
    return;
  context.notice("No worker wrote a log; this is logs/environment.log");
  print_file(context, run, chosen, std::nullopt, paths.environment_log());
}

void follow_logs(Context& context, const RunId& run, const LogsOptions& chosen) {
  const StopSignals signals;
  FollowOptions follow;
  follow.rank = chosen.rank;
  follow.from_line = chosen.from_line;
  follow.on_log = [&](const RunId& id, const LogLine& line) {
    print_log_line(context, id, line.rank, line.number, line.text);
  };
  follow.stop = [&] { return signals.received() != 0; };
  try {
    wait_for_runs(context.workspace(), {run}, follow);
  } catch (const Error& error) {
    if (error.kind() != category::canceled || signals.received() == 0) throw;
    return report_interrupt(context, signals.received(), {run});
  }
  print_environment_log(context, run, chosen);
}

void print_log(Context& context, const RunId& run, const LogsOptions& chosen) {
  const RunPaths paths(context.workspace(), run);
  if (chosen.supervisor) return print_file(context, run, chosen, std::nullopt, paths.supervisor_log());
  print_file(context, run, chosen, chosen.rank, paths.worker_log(chosen.rank));
  print_environment_log(context, run, chosen);
}

void logs(Context& context, const LogsOptions& chosen) {
  const RunId run = resolve_run(context.workspace(), chosen.run);
  require_rank(context, run, chosen.rank);
  if (chosen.follow) return follow_logs(context, run, chosen);
  print_log(context, run, chosen);
}

}  // namespace

void add_runs_logs(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand("logs", "Print what a run's worker wrote.");
  auto& options =
      options_of<LogsOptions>(*command, [&context](const LogsOptions& chosen) { logs(context, chosen); });
  command->add_option("RUN", options.run, "Run id, or its beginning")->required();
  command->add_flag("-f,--follow", options.follow, "Go on until the run has ended");
  auto* rank = command->add_option("--rank", options.rank, "Of which worker")->type_name("N");
  rank->check(whole_number(0, 65535));
  command->add_flag("--supervisor", options.supervisor, "The supervisor's log instead")->excludes(rank);
  command->add_option("--from", options.from_line, "Begin at this line, counted from 1")
      ->type_name("LINE")
      ->check(whole_number(1, std::numeric_limits<long long>::max()));
  command->footer("Example: amltrain runs logs \"$run\" -f");
}

}  // namespace amltrain::cli
