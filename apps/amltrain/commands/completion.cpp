// completion bash | zsh | fish
#include "../completion_scripts.hpp"
#include "commands.hpp"

namespace amltrain::cli {

void add_completion(CLI::App& program, Context& context) {
  auto* group = program.add_subcommand("completion", "Print a completion script for your shell.");
  group->require_subcommand(1)->footer("Example: source <(amltrain completion bash)");
  const auto shell = [&](const char* name, const char* example, std::string (*script)(const CommandInfo&)) {
    auto* command = group->add_subcommand(name, std::string("For ") + name + ".");
    command->footer(std::string("Example: ") + example);
    command->callback([&program, &context, script] { context.out() << script(describe_tree(program)); });
  };
  shell("bash", "amltrain completion bash > ~/.local/share/bash-completion/completions/amltrain",
        bash_completion);
  shell("zsh", "amltrain completion zsh > ~/.zfunc/_amltrain", zsh_completion);
  shell("fish", "amltrain completion fish > ~/.config/fish/completions/amltrain.fish", fish_completion);
}

}  // namespace amltrain::cli
