// runs export
#include "../archive_view.hpp"
#include "../table.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "support/text.hpp"
#include "upkeep/run_archive.hpp"

namespace amltrain::cli {
namespace {

struct ExportOptions {
  std::string run, file;
};

void export_one(Context& context, const ExportOptions& chosen) {
  const RunId run = resolve_run(context.workspace(), chosen.run);
  const ExportedRun exported =
      export_run(context.workspace(), run, chosen.file.empty() ? run + ".tar" : chosen.file);
  tell_differences(context, run, exported.differences);
  context.print(exported, [&](std::ostream& out) {
    Fields fields;
    fields.add("Run", exported.run);
    fields.add("File", exported.path.string());
    fields.add("Size", human_bytes(exported.bytes) + ", " + std::to_string(exported.files) + " files");
    fields.add("SHA-256", exported.sha256);
    fields.print(out);
  });
}

}  // namespace

void add_runs_export(CLI::App& runs, Context& context) {
  auto* command = runs.add_subcommand(
      "export", "Write a run that has ended, with its files and source, into one archive.");
  auto& options = options_of<ExportOptions>(
      *command, [&context](const ExportOptions& chosen) { export_one(context, chosen); });
  command->add_option("RUN", options.run, "Run id, or its beginning")->required();
  command->add_option("--to", options.file, "Archive to make; default: RUN.tar here")->type_name("FILE");
  command->footer("Example: amltrain runs export \"$run\" --to run.tar");
}

}  // namespace amltrain::cli
