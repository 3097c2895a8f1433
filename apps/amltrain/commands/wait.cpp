// wait
#include "../checks.hpp"
#include "../follow_view.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"

namespace amltrain::cli {
namespace {

struct WaitOptions {
  std::vector<std::string> runs;
  bool show_output = false;
  std::string timeout;
};

}  // namespace

void add_wait(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "wait", "Wait until runs have ended and print how; the exit code is the worst of theirs.");
  auto& options = options_of<WaitOptions>(*command, [&context](const WaitOptions& chosen) {
    std::vector<RunId> runs;
    for (const std::string& name : chosen.runs) runs.push_back(resolve_run(context.workspace(), name));
    watch_runs(context, runs, {chosen.show_output, to_duration(chosen.timeout)});
  });
  command->add_option("RUN", options.runs, "Run ids, or their beginnings")->required();
  command->add_flag("--show-output", options.show_output,
                    "Show the logs as they are written, on standard error");
  command->add_option("--timeout", options.timeout, "Stop waiting after 90s, 20m, 2h, ...; the run goes on")
      ->type_name("TIME")
      ->check(duration());
  command->footer("Example: amltrain wait \"$run\" --show-output --timeout 20m");
}

}  // namespace amltrain::cli
