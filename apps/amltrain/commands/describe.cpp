// describe
#include "../table.hpp"
#include "commands.hpp"
#include "compute/inventory.hpp"
#include "engine/api.hpp"

namespace amltrain::cli {

void add_describe(CLI::App& program, Context& context) {
  auto* command =
      program.add_subcommand("describe", "Show what this build and this machine have: torch, devices.");
  command->footer("Example: amltrain describe --output json");
  command->callback([&context] {
    const json document = {{"schema", "amltrain.description/1"},
                           {"version", AMLTRAIN_VERSION},
                           {"engine", engine::open_engine().describe()},
                           {"machine", take_inventory()}};
    context.print(document, [&](std::ostream& out) {
      Fields fields;
      fields.add("amltrain", AMLTRAIN_VERSION);
      for (const char* part : {"engine", "machine"}) {
        for (const auto& [name, value] : document[part].items()) {
          fields.add(name, plain_text(value));
        }
      }
      fields.print(out);
    });
  });
}

}  // namespace amltrain::cli
