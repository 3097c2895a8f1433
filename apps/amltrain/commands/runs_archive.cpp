// runs archive
#include "commands.hpp"
#include "history/run_store.hpp"
#include "upkeep/delete_run.hpp"

namespace amltrain::cli {
namespace {

struct ArchiveOptions {
  std::vector<std::string> runs;
  bool undo = false;
};

void archive(Context& context, const ArchiveOptions& chosen) {
  std::vector<RunId> runs;
  for (const std::string& name : chosen.runs) runs.push_back(resolve_run(context.workspace(), name));
  for (const RunId& run : runs) {
    require_ended(read_run(context.workspace(), run, Detail::state), "be archived");
    change_notes(RunPaths(context.workspace(), run), [&](RunNotes& notes) { notes.archived = !chosen.undo; });
    if (context.json_output())
      context.print_line(read_run(context.workspace(), run));
    else
      context.out() << run << (chosen.undo ? " is listed again\n" : " is archived\n");
  }
}

}  // namespace

void add_runs_archive(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand("archive", "Leave runs that have ended out of runs list.");
  auto& options = options_of<ArchiveOptions>(
      *command, [&context](const ArchiveOptions& chosen) { archive(context, chosen); });
  command->add_option("RUN", options.runs, "Run ids, or their beginnings")->required();
  command->add_flag("--undo", options.undo, "List them again");
  command->footer("Example: amltrain runs archive \"$run\"; see them with: amltrain runs list --archived");
}

}  // namespace amltrain::cli
