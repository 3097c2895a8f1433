// runs cancel
#include "../checks.hpp"
#include "../run_view.hpp"
#include "commands.hpp"
#include "job/submit.hpp"

namespace amltrain::cli {
namespace {

struct CancelOptions {
  std::vector<std::string> runs;
  std::string timeout = "60s";
  bool no_wait = false;
};

void cancel(Context& context, const CancelOptions& chosen) {
  std::vector<RunId> runs;
  for (const std::string& name : chosen.runs) runs.push_back(resolve_run(context.workspace(), name));
  // All are asked before one is waited for, so that their graces pass at the same time.
  if (!chosen.no_wait && runs.size() > 1) {
    for (const RunId& run : runs) request_cancel(context.workspace(), run);
  }
  for (const RunId& run : runs) {
    const bool ended_before = is_terminal(read_run(context.workspace(), run, Detail::state).state);
    const RunRecord record = chosen.no_wait
                                 ? request_cancel(context.workspace(), run)
                                 : cancel_run(context.workspace(), run, *to_duration(chosen.timeout));
    if (ended_before) context.notice(run + " had ended before; nothing was changed");
    if (context.json_output()) {
      context.print_line(record);
    } else {
      context.out() << run << ' ' << name_of(record.state) << '\n';
    }
  }
}

}  // namespace

void add_runs_cancel(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand("cancel", "End runs, and return when they have ended.");
  auto& options = options_of<CancelOptions>(
      *command, [&context](const CancelOptions& chosen) { cancel(context, chosen); });
  command->add_option("RUN", options.runs, "Run ids, or their beginnings")->required();
  auto* timeout = command->add_option("--timeout", options.timeout, "Longest wait for the end of each");
  timeout->type_name("TIME")->check(duration());
  command->add_flag("--no-wait", options.no_wait, "Ask for the end, and return before it has come")
      ->excludes(timeout);
  command->footer("Example: amltrain runs cancel \"$run\"");
}

}  // namespace amltrain::cli
