// host-facts: what this machine is, for another that wants to start runs on it (lib/compute/host_check.hpp).
#include "compute/host_facts.hpp"

#include "commands.hpp"
#include "support/json_text.hpp"

namespace amltrain::cli {

void add_host_facts(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("host-facts", "Say what this machine is.");
  command->group("");  // hidden
  auto& file = options_of<std::string>(*command, [&context](const std::string& token_file) {
    context.out() << lossy_text(take_host_facts(token_file)) << '\n';
  });
  command->add_option("FILE", file, "In the workspace, to be read back")->required();
  command->footer("Started by: ssh, for amltrain compute create --kind mpi");
}

}  // namespace amltrain::cli
