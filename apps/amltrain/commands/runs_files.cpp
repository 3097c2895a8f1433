// runs files
#include "../table.hpp"
#include "commands.hpp"
#include "history/run_store.hpp"
#include "registry/artifacts.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

void list_files(Context& context, const std::string& name) {
  const RunRecord run = read_run(context.workspace(), resolve_run(context.workspace(), name));
  const RunPaths paths(context.workspace(), run.definition.id);
  // Outputs are recorded when the run ends; before that, what lies there now.
  std::vector<std::string> left_out;
  std::vector<HashedFile> files =
      is_terminal(run.state) ? run.summary.outputs : hash_tree(paths.outputs(), "outputs/", &left_out);
  for (HashedFile& record : record_files(paths, run)) files.push_back(std::move(record));

  json document = list_document("amltrain.file-list/1", files);
  document["run"] = run.definition.id;
  context.print(document, [&](std::ostream& out) {
    Table table({"PATH", "SIZE", "SHA-256"});
    for (const HashedFile& file : files) table.row({file.path, human_bytes(file.bytes), file.sha256});
    table.print(out);
  });
}

}  // namespace

void add_runs_files(CLI::App& runs, Context& context) {
  auto* command =
      runs.add_subcommand("files", "Show a run's outputs, logs and source.diff with size and hash.");
  auto& name = options_of<std::string>(
      *command, [&context](const std::string& chosen) { list_files(context, chosen); });
  command->add_option("RUN", name, "Run id, or its beginning")->required();
  command->footer("Example: amltrain runs files \"$run\"; fetch them with: amltrain download \"$run\"");
}

}  // namespace amltrain::cli
