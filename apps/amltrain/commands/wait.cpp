// wait
#include <algorithm>
#include <limits>

#include "../checks.hpp"
#include "../follow_view.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"

namespace amltrain::cli {
namespace {

struct WaitOptions {
  std::vector<std::string> runs;
  WatchOptions watch;
  bool all = false;  // says the default
  std::string timeout;
};

void wait(Context& context, const WaitOptions& chosen) {
  std::vector<RunId> runs;
  for (const std::string& name : chosen.runs) {
    RunId run = resolve_run(context.workspace(), name);
    if (std::ranges::find(runs, run) == runs.end()) runs.push_back(std::move(run));
  }
  if (chosen.watch.rank)
    for (const RunId& run : runs) require_rank(context, run, *chosen.watch.rank);
  if (chosen.watch.from_line > 1 && runs.size() > 1)
    throw Error(category::bad_input, "--from is a line of one run's log, and there are several runs",
                "wait for each with its own --from");
  WatchOptions watch = chosen.watch;
  watch.timeout = to_duration(chosen.timeout);
  watch_runs(context, runs, watch);
}

}  // namespace

void add_wait(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "wait", "Wait until runs have ended and print how; the exit code is the worst of theirs.");
  auto& options =
      options_of<WaitOptions>(*command, [&context](const WaitOptions& chosen) { wait(context, chosen); });
  command->add_option("RUN", options.runs, "Run ids, or their beginnings")->required();
  auto* any =
      command->add_flag("--any", options.watch.any, "Return when one has ended, and print those that have");
  command->add_flag("--all", options.all, "Return when all have ended, as without it")->excludes(any);
  auto* show = command->add_flag("--show-output", options.watch.show_logs,
                                 "Show the logs as they are written, on standard error");
  command->add_option("--rank", options.watch.rank, "Of which worker alone")
      ->type_name("N")
      ->needs(show)
      ->check(whole_number(0, 65535));
  command->add_option("--from", options.watch.from_line, "Show the log from this line on, counted from 1")
      ->type_name("LINE")
      ->needs(show)
      ->check(whole_number(1, std::numeric_limits<long long>::max()));
  command->add_option("--timeout", options.timeout, "Stop waiting after 90s, 20m, 2h, ...; the run goes on")
      ->type_name("TIME")
      ->check(duration());
  command->add_flag("--propagate-exit", options.watch.propagate_exit,
                    "Exit with the code of the first command that failed, 128 + N for signal N");
  command->footer("Example: amltrain wait \"$run\" --show-output --timeout 20m");
}

}  // namespace amltrain::cli
