// runs show
#include "../run_view.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "job/queue_view.hpp"

namespace amltrain::cli {

void add_runs_show(CLI::App& runs, Context& context) {
  auto* command =
      runs.add_subcommand("show", "Show one run: state, reason, failure, metrics, outputs, origin.");
  auto& name = options_of<std::string>(*command, [&context](const std::string& chosen) {
    RunRecord run = read_run(context.workspace(), resolve_run(context.workspace(), chosen));
    explain_queue(context.workspace(), run);
    context.print(run, [&](std::ostream& out) { show_run(out, run); });
  });
  command->add_option("RUN", name, "Run id, or its beginning")->required();
  command->footer("Example: amltrain runs show \"$run\" --output json");
}

}  // namespace amltrain::cli
