// reproduce
#include "job/reproduce.hpp"

#include "../checks.hpp"
#include "../follow_view.hpp"
#include "../reproduction_view.hpp"
#include "commands.hpp"

namespace amltrain::cli {
namespace {

struct ReproduceOptions {
  std::string run, compute, timeout;
  double tolerance = 0;
  bool show_output = false;
};

void reproduce(Context& context, const ReproduceOptions& chosen) {
  const Workspace& workspace = context.workspace();
  const RunRecord original = read_run(workspace, resolve_run(workspace, chosen.run));
  JobDefinition job = job_to_reproduce(workspace, original, chosen.compute);
  const RunId run = submit_again(workspace, job, original.definition.id);
  context.notice("Run " + run);
  WatchOptions watch;
  watch.show_logs = chosen.show_output;
  watch.timeout = to_duration(chosen.timeout);
  if (!follow_runs(context, {run}, watch)) return;
  const Reproduction result = compare_runs(workspace, original.definition.id, run, chosen.tolerance);
  context.print(result, [&](std::ostream& out) { show_reproduction(out, result); });
  context.exit_code = result.exit_code();
}

}  // namespace

void add_reproduce(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "reproduce", "Do a run again from its record, wait for it, and tell whether it came out the same.");
  auto& options = options_of<ReproduceOptions>(
      *command, [&context](const ReproduceOptions& chosen) { reproduce(context, chosen); });
  command->add_option("RUN", options.run, "Run id, or its beginning")->required();
  command
      ->add_option(
          "--tolerance", options.tolerance,
          "How far metrics may differ, as a part of the larger one, or as it is where both are below 1")
      ->type_name("X")
      ->check(real_number(0, 1));
  command->add_option("--compute", options.compute, "Compute target that it runs on [that of RUN]")
      ->type_name("NAME");
  command->add_flag("--show-output", options.show_output, "Show the log as it is written, on standard error");
  command->add_option("--timeout", options.timeout, "Stop waiting after 90s, 20m, 2h, ...; the run goes on")
      ->type_name("TIME")
      ->check(duration());
  command->footer("Example: amltrain reproduce \"$run\" --tolerance 1e-3");
}

}  // namespace amltrain::cli
