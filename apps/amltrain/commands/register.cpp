// register
#include "../checks.hpp"
#include "../model_view.hpp"
#include "commands.hpp"

namespace amltrain::cli {
namespace {

struct RegisterOptions {
  std::string run;
  RegisterRequest request;
  std::vector<std::string> tags;
};

}  // namespace

void add_register(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand(
      "register", "Keep the outputs of a completed run as the next version of a model.");
  auto& options = options_of<RegisterOptions>(*command, [&context](const RegisterOptions& chosen) {
    const Workspace& workspace = context.workspace();
    RegisterRequest request = chosen.request;
    request.tags = to_map(chosen.tags);
    show_model(context,
               register_model(workspace, read_run(workspace, resolve_run(workspace, chosen.run)), request));
  });
  command->add_option("RUN", options.run, "Run id, or its beginning")->required();
  command->add_option("--name", options.request.name, "Of the model")->type_name("NAME")->required();
  command->add_option("--path", options.request.path, "File or folder of the run to keep")->type_name("PATH");
  command->add_option("--tag", options.tags, "Tag of the version; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(key_value());
  command->footer("Example: amltrain register \"$run\" --name pt-dnn --tag kind=baseline");
}

}  // namespace amltrain::cli
