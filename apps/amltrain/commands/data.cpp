// data list | show, and the group
#include "../data_view.hpp"
#include "../table.hpp"
#include "commands.hpp"

namespace amltrain::cli {
namespace {

void add_list(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("list", "Show the data of the workspace.");
  command->footer("Example: amltrain data list --output json");
  command->callback([&context] {
    const auto sets = list_data(context.workspace());
    context.print(list_document("amltrain.data-list/1", sets), [&](std::ostream& out) {
      Table table({"NAME", "CLASSES", "TRAIN", "VAL", "UNREADABLE", "CREATED", "SOURCE"});
      for (const DataSet& data : sets) {
        const DataCounts counts = count(data.summary);
        table.row({data.name, std::to_string(counts.classes), std::to_string(counts.train),
                   std::to_string(counts.val), std::to_string(data.unreadable.size()),
                   to_iso8601(data.created_at), data.source});
      }
      table.print(out);
    });
  });
}

void add_show(CLI::App& group, Context& context) {
  auto* command = group.add_subcommand("show", "Show classes, counts and unreadable files of one data set.");
  auto& name = options_of<std::string>(*command, [&context](const std::string& chosen) {
    show_data(context, read_data(context.workspace(), chosen));
  });
  command->add_option("NAME", name, "Of the data")->required();
  command->footer("Example: amltrain data show hymenoptera_data");
}

}  // namespace

void add_data(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("data", "Image folders by class, fetched and checked.");
  group->require_subcommand(1)->footer("Example: amltrain data fetch hymenoptera_data.zip");
  add_data_fetch(*group, context);
  add_list(*group, context);
  add_show(*group, context);
  add_data_check(*group, context);
  add_data_lock(*group, context);
  add_data_verify(*group, context);
  add_data_sample(*group, context);
}

}  // namespace amltrain::cli
