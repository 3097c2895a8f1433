#include "command_tree.hpp"

#include <sstream>

#include "support/text.hpp"

namespace amltrain::cli {
namespace {

constexpr const char* kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";  // "FILE" stands for a file, "text" for itself

OptionInfo describe(const CLI::Option& option) {
  OptionInfo info;
  info.group = option.get_group();
  info.positional = option.get_positional();
  info.required = option.get_required();
  info.repeats = option.get_expected_max() >= CLI::detail::expected_max_vector_size;
  info.description = option.get_description();
  if (info.positional) {
    info.names = {option.get_name(true)};
  } else {
    for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
  }
  if (!is_flag(option)) {
    info.argument = option.get_type_name();
    const std::string fallback = option.get_default_str();
    if (!fallback.empty() && fallback != "\"\"" && fallback != "[]")
      info.description += " [" + fallback + "]";
  }
  return info;
}

std::string path_of(const CLI::App& command) {
  if (command.get_parent() == nullptr) return "";
  const std::string before = path_of(*command.get_parent());
  return before.empty() ? command.get_name() : before + " " + command.get_name();
}

}  // namespace

bool is_flag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

std::vector<std::string> OptionInfo::choices() const {
  std::vector<std::string> words;
  const bool is_spelled_out =
      argument.find('|') != std::string::npos && argument.find_first_of(kUpper) == std::string::npos;
  if (!is_spelled_out) return words;
  std::istringstream text(argument);
  for (std::string word; std::getline(text, word, '|');) words.push_back(word);
  return words;
}

bool OptionInfo::takes_file() const {
  for (const char* kind : {"FILE", "DIR", "JOB", "WEIGHTS", "FOLDER"}) {
    if (argument.find(kind) != std::string::npos) return true;
    if (positional && names.front().find(kind) != std::string::npos) return true;
  }
  return false;
}

std::string OptionInfo::usage() const {
  std::string text = join(names, ", ");
  if (!positional && !argument.empty()) text += " " + argument;
  if (positional && repeats) text += "...";
  return text;
}

std::string CommandInfo::usage() const {
  std::string text = path.empty() ? "amltrain" : "amltrain " + path;
  if (!commands.empty()) return text + " COMMAND [OPTIONS]";
  if (!options.empty()) text += " [OPTIONS]";
  for (const OptionInfo& positional : positionals) {
    text += positional.required ? " " + positional.usage() : " [" + positional.usage() + "]";
  }
  return text;
}

CommandInfo describe_command(const CLI::App& command) {
  CommandInfo info;
  info.path = path_of(command);
  info.description = command.get_description();
  info.example = command.get_footer();
  for (const CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
    if (option->get_group().empty()) continue;
    (option->get_positional() ? info.positionals : info.options).push_back(describe(*option));
  }
  return info;
}

CommandInfo describe_tree(const CLI::App& command) {
  CommandInfo info = describe_command(command);
  for (const CLI::App* child : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (!child->get_group().empty()) info.commands.push_back(describe_tree(*child));
  }
  return info;
}

}  // namespace amltrain::cli
