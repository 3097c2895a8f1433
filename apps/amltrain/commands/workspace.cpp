// workspace init | show
#include <filesystem>

#include "../table.hpp"
#include "commands.hpp"

namespace amltrain::cli {
namespace {

void show(const Context& context, const Workspace& workspace) {
  const std::pair<const char*, std::size_t> counts[] = {{"experiments", workspace.experiments().size()},
                                                        {"computes", workspace.computes().size()},
                                                        {"data", workspace.data().size()},
                                                        {"runs", workspace.runs().size()},
                                                        {"models", workspace.models().size()}};
  json document = to_document(workspace);
  for (const auto& [name, count] : counts) document["counts"][name] = count;
  context.print(document, [&](std::ostream& out) {
    Fields fields;
    fields.add("Workspace", workspace.name());
    fields.add("Folder", workspace.root().string());
    fields.add("Created", to_iso8601(workspace.created_at()));
    for (const auto& [name, count] : counts)
      fields.add(std::string("Number of ") + name, std::to_string(count));
    fields.print(out);
  });
}

struct InitOptions {
  std::string folder = ".", name;
};

void add_init(CLI::App& group, Context& context) {
  auto* command =
      group.add_subcommand("init", "Make a workspace; on an existing one, say so and change nothing.");
  auto& options = options_of<InitOptions>(*command, [&context](const InitOptions& chosen) {
    const std::filesystem::path folder = context.chosen_workspace.value_or(chosen.folder);
    const auto [workspace, created] = Workspace::init(folder, chosen.name);
    context.notice(created ? "Created workspace " + workspace.name() + " in " + workspace.root().string()
                           : "Found existing workspace " + workspace.name() + " in " +
                                 workspace.root().string() + "; nothing was changed");
    show(context, workspace);
  });
  command->add_option("DIR", options.folder, "Folder that becomes the workspace");
  command->add_option("--name", options.name, "Name of the workspace; default: the folder's")
      ->type_name("NAME");
  command->footer("Example: amltrain workspace init ~/birds --name birds");
}

}  // namespace

void add_workspace(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("workspace", "Make a workspace, look at it, or keep it in order.");
  group->require_subcommand(1)->footer("Example: amltrain workspace init");
  add_init(*group, context);
  auto* command = group->add_subcommand("show", "Show the workspace that commands use here.");
  command->footer("Example: amltrain workspace show --output json");
  command->callback([&context] { show(context, context.workspace()); });
  add_workspace_verify(*group, context);
  add_workspace_gc(*group, context);
}

}  // namespace amltrain::cli
