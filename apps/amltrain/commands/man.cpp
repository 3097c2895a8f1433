// man: the manual page, made from the same tree as --help.
#include "../command_tree.hpp"
#include "commands.hpp"

namespace amltrain::cli {
namespace {

/// Text that troff sets as it stands (groff_man(7)): backslashes, hyphens that may be copied, leading dots.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return !out.empty() && (out[0] == '.' || out[0] == '\'') ? "\\&" + out : out;
}

/// --help is one of the global options to a reader.
std::vector<OptionInfo> without_help(std::vector<OptionInfo> options) {
  std::erase_if(options, [](const OptionInfo& option) { return option.names.back() == "--help"; });
  return options;
}

void print_options(std::ostream& out, const std::vector<OptionInfo>& options) {
  for (const OptionInfo& option : options) {
    out << ".TP\n.B " << escaped(option.usage()) << '\n' << escaped(option.description) << '\n';
  }
}

void print_page(std::ostream& out, const CommandInfo& program) {
  out << ".TH AMLTRAIN 1 \"\" \"amltrain " AMLTRAIN_VERSION "\" \"User Commands\"\n"
      << ".SH NAME\namltrain \\- train PyTorch models as runs of a workspace, without a cloud\n"
      << ".SH SYNOPSIS\n.B amltrain\n.RI COMMAND\\ [ OPTIONS ]\n"
      << ".SH DESCRIPTION\n"
      << escaped(program.description) << '\n'
      << ".SH GLOBAL OPTIONS\nThey may stand before or after the command.\n";
  print_options(out, program.options);
  out << ".SH COMMANDS\n";
  for_each_command(program, [&](const CommandInfo& command) {
    if (command.path.empty() || !command.commands.empty()) return;
    out << ".SS " << escaped(command.usage()) << '\n' << escaped(command.description) << '\n';
    print_options(out, command.positionals);
    print_options(out, without_help(command.options));
    out << ".PP\n" << escaped(command.example) << '\n';
  });
  out << ".SH EXIT STATUS\n"
         "0 success; 1 the run failed; 2 usage or bad input; 3 not found; 4 canceled; 5 timed out; 6 a "
         "conflict; "
         "7 an environment fault; 70 an internal error; 128 + N interrupted by signal N while it watched a "
         "run.\n"
         ".SH ENVIRONMENT\n"
         ".TP\n.B AMLTRAIN_WORKSPACE\nFolder of the workspace when there is no \\-\\-workspace.\n"
         ".TP\n.B AMLTRAIN_METRICS\nFile that train and log append metrics to, and any script of a run: JSON "
         "lines, or NAME=NUMBER step=N.\n"
         ".TP\n.B AMLTRAIN_WEIGHTS_MIRROR\nReplaces the folder of the URLs of published weights.\n";
}

}  // namespace

void add_man(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("man", "Print the manual page.");
  command->footer("Example: amltrain man | man -l -");
  command->callback([&program, &context] {
    const CommandInfo tree = describe_tree(program);
    print_page(context.out(), tree);
  });
}

}  // namespace amltrain::cli
