// The group runs
#include <algorithm>
#include <iterator>

#include "commands.hpp"

namespace amltrain::cli {
namespace {

constexpr Command kCommands[] = {
    {"list", add_runs_list},       {"show", add_runs_show},       {"metrics", add_runs_metrics},
    {"logs", add_runs_logs},       {"files", add_runs_files},     {"events", add_runs_events},
    {"cancel", add_runs_cancel},   {"tag", add_runs_tag},         {"note", add_runs_note},
    {"compare", add_runs_compare}, {"archive", add_runs_archive}, {"delete", add_runs_delete},
    {"export", add_runs_export},   {"import", add_runs_import},
};

}  // namespace

void add_runs(CLI::App& program, Context& context) {
  auto* group =
      program.add_subcommand("runs", "The runs of the workspace: what they did, logs, metrics, files.");
  group->require_subcommand(1)->footer("Example: amltrain runs list");
  const auto named = std::find_if(std::begin(kCommands), std::end(kCommands), [&](const Command& command) {
    return command.name == context.named_subcommand;
  });
  if (named != std::end(kCommands)) return named->declare(*group, context);
  for (const Command& command : kCommands) command.declare(*group, context);
}

}  // namespace amltrain::cli
