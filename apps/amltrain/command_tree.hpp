// The commands as data, read off the CLI11 tree once, for help texts, shell completion and the man page.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace amltrain::cli {

struct OptionInfo {
  std::string group;               // heading in the help text
  std::vector<std::string> names;  // "-f", "--follow"; of a positional: "RUN"
  std::string argument;            // "N", "fp32|bf16|auto"; empty for a flag
  std::string description;         // with its default at the end
  bool positional = false, required = false, repeats = false;

  std::vector<std::string> choices() const;  // of an argument "a|b|c"; else none
  bool takes_file() const;                   // complete with file names
  std::string usage() const;                 // "-f, --file JOB"
};

struct CommandInfo {
  std::string path;                  // "runs list"; empty for the program itself
  std::string description, example;  // the example is the footer
  std::vector<OptionInfo> positionals, options;
  std::vector<CommandInfo> commands;  // hidden ones are left out

  std::string usage() const;  // "amltrain runs show [OPTIONS] RUN"
};

/// True for an option without a value.
bool is_flag(const CLI::Option& option);

/// The program; global options are its own.
CommandInfo describe_tree(const CLI::App& program);

/// One command, without those below it.
CommandInfo describe_command(const CLI::App& command);

/// Calls `visit` for the program and every command below it, parents first.
template <typename Visit>
void for_each_command(const CommandInfo& command, Visit&& visit) {
  visit(command);
  for (const CommandInfo& child : command.commands) for_each_command(child, visit);
}

}  // namespace amltrain::cli
