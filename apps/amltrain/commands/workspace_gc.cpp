// workspace gc
#include "../table.hpp"
#include "commands.hpp"
#include "support/text.hpp"
#include "upkeep/gc.hpp"

namespace amltrain::cli {
namespace {

void collect(Context& context, bool dry_run) {
  const Collection freed = collect_garbage(context.workspace(), dry_run);
  context.print(freed, [&](std::ostream& out) {
    Table table({"KIND", "SIZE", "PATH"});
    for (const Garbage& item : freed.items) table.row({item.kind, human_bytes(item.bytes), item.path});
    if (!freed.items.empty()) table.print(out);
    out << (dry_run ? "would free " : "freed ") << human_bytes(freed.bytes()) << " in " << freed.items.size()
        << (freed.items.size() == 1 ? " item\n" : " items\n");
  });
}

}  // namespace

void add_workspace_gc(CLI::App& workspace, Context& context) {
  auto* command = workspace.add_subcommand(
      "gc", "Free what nothing needs: snapshots of deleted runs, left-overs of killed processes.");
  auto& dry_run = options_of<bool>(*command, [&context](bool chosen) { collect(context, chosen); });
  command->add_flag("--dry-run", dry_run, "Only say what would be freed");
  command->footer("Example: amltrain workspace gc --dry-run");
}

}  // namespace amltrain::cli
