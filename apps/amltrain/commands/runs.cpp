// The group runs
#include "commands.hpp"

namespace amltrain::cli {

void add_runs(CLI::App& program, Context& context) {
  auto* group =
      program.add_subcommand("runs", "The runs of the workspace: what they did, logs, metrics, files.");
  group->require_subcommand(1)->footer("Example: amltrain runs list");
  add_runs_list(*group, context);
  add_runs_show(*group, context);
  add_runs_metrics(*group, context);
  add_runs_logs(*group, context);
  add_runs_files(*group, context);
  add_runs_events(*group, context);
  add_runs_cancel(*group, context);
  add_runs_tag(*group, context);
  add_runs_note(*group, context);
  add_runs_compare(*group, context);
  add_runs_archive(*group, context);
  add_runs_delete(*group, context);
  add_runs_export(*group, context);
  add_runs_import(*group, context);
}

}  // namespace amltrain::cli
