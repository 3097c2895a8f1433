// runs delete
#include "commands.hpp"
#include "history/run_store.hpp"
#include "upkeep/delete_run.hpp"

namespace amltrain::cli {
namespace {

void delete_runs(Context& context, const std::vector<std::string>& names) {
  std::vector<RunId> runs;
  for (const std::string& name : names) runs.push_back(resolve_run(context.workspace(), name));
  for (const RunId& run : runs) {
    delete_run(context.workspace(), run);
    if (context.json_output())
      context.print_line({{"schema", "amltrain.deleted/1"}, {"run", run}});
    else
      context.out() << "Deleted run " << run << '\n';
  }
}

}  // namespace

void add_runs_delete(CLI::App& runs, Context& context) {
  auto* command =
      runs.add_subcommand("delete", "Delete runs that have ended, with all their files; models stay.");
  auto& names = options_of<std::vector<std::string>>(
      *command, [&context](const std::vector<std::string>& chosen) { delete_runs(context, chosen); });
  command->add_option("RUN", names, "Run ids, or their beginnings")->required();
  command->footer("Example: amltrain runs delete \"$run\"; then free its source: amltrain workspace gc");
}

}  // namespace amltrain::cli
