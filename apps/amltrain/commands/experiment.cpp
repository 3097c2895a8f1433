// experiment create | list | show
#include "history/experiment.hpp"

#include "../table.hpp"
#include "commands.hpp"

namespace amltrain::cli {
namespace {

void show(const Context& context, const Experiment& experiment) {
  context.print(experiment, [&](std::ostream& out) {
    Fields fields;
    fields.add("Experiment", experiment.name);
    fields.add("Description", experiment.description);
    fields.add("Created", to_iso8601(experiment.created_at));
    fields.print(out);
  });
}

struct CreateOptions {
  std::string name, description;
};

void add_create(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("create", "Make an experiment, or find the one of that name.");
  auto& options = options_of<CreateOptions>(*command, [&context](const CreateOptions& chosen) {
    const auto [experiment, created] =
        ensure_experiment(context.workspace(), chosen.name, chosen.description);
    context.notice((created ? "Created experiment " : "Found existing experiment ") + experiment.name);
    show(context, experiment);
  });
  command->add_option("NAME", options.name, "Of the experiment")->required();
  command->add_option("--description", options.description, "A sentence about it")->type_name("TEXT");
  command->footer("Example: amltrain experiment create hymenoptera");
}

void add_list(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("list", "Show the experiments.");
  command->footer("Example: amltrain experiment list --output json");
  command->callback([&context] {
    const auto experiments = list_experiments(context.workspace());
    context.print(list_document("amltrain.experiment-list/1", experiments), [&](std::ostream& out) {
      Table table({"NAME", "CREATED", "DESCRIPTION"});
      for (const auto& one : experiments) table.row({one.name, to_iso8601(one.created_at), one.description});
      table.print(out);
    });
  });
}

void add_show(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("show", "Show one experiment.");
  auto& name = options_of<std::string>(*command, [&context](const std::string& chosen) {
    show(context, read_experiment(context.workspace(), chosen));
  });
  command->add_option("NAME", name, "Of the experiment")->required();
  command->footer("Example: amltrain experiment show hymenoptera");
}

}  // namespace

void add_experiment(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("experiment", "Names that group runs.");
  group->require_subcommand(1)->footer("Example: amltrain experiment create hymenoptera");
  add_create(*group, context);
  add_list(*group, context);
  add_show(*group, context);
}

}  // namespace amltrain::cli
