// runs import
#include "../archive_view.hpp"
#include "../run_view.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "upkeep/run_archive.hpp"

namespace amltrain::cli {

void add_runs_import(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand("import", "Take in a run that runs export wrote, after checking it.");
  auto& file = options_of<std::string>(*command, [&context](const std::string& chosen) {
    const ImportedRun imported = import_run(context.workspace(), chosen);
    tell_differences(context, imported.run, imported.differences);
    const RunRecord run = read_run(context.workspace(), imported.run);
    context.print(run, [&](std::ostream& out) { show_run(out, run); });
  });
  command->add_option("FILE", file, "The archive")->required();
  command->footer("Example: amltrain runs import run.tar");
}

}  // namespace amltrain::cli
