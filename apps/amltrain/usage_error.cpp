#include "usage_error.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command_tree.hpp"
#include "support/text.hpp"

namespace amltrain::cli {
namespace {

/// Where the words lead in the tree, and the first word that leads nowhere.
struct Walk {
  const CLI::App* command;
  std::optional<Error> fault;
};

std::string full_name(const CLI::App& command) {
  const std::string path = describe_command(command).path;
  return path.empty() ? "amltrain" : "amltrain " + path;
}

/// As the subject of a message that begins with "amltrain: " anyway.
std::string subject(const CLI::App& command) {
  const std::string path = describe_command(command).path;
  return path.empty() ? "amltrain" : path;
}

std::string see_help(const CLI::App& command) { return "see: " + full_name(command) + " --help"; }

/// The option of `name` in `command` or a command above it.
const CLI::Option* find_option(const CLI::App& command, const std::string& name) {
  for (const CLI::App* level = &command; level != nullptr; level = level->get_parent()) {
    if (const CLI::Option* option = level->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

/// Whether a program of one's own is sent, whose arguments ARGS are.
bool sends_program(const CLI::App& command, std::span<const char* const> words) {
  return command.get_option_no_throw("ARGS") != nullptr &&
         std::any_of(words.begin(), words.end(), [](const std::string_view word) {
           return word == "--source" || word.starts_with("--source=");
         });
}

/// `words` are those of the command line.
Error unknown_option(const CLI::App& command, const std::string& name, std::span<const char* const> words) {
  if (sends_program(command, words))
    return {category::bad_input, subject(command) + " has no option '" + name + "'",
            "your program's options go behind --: " + full_name(command) + " --source DIR -- " + name};
  std::vector<std::string> known;
  for (const CLI::App* level = &command; level != nullptr; level = level->get_parent()) {
    for (const OptionInfo& option : describe_command(*level).options) {
      known.insert(known.end(), option.names.begin(), option.names.end());
    }
  }
  const auto near = closest(name, known);
  return {category::bad_input, subject(command) + " has no option '" + name + "'",
          near ? "did you mean " + *near + "?" : see_help(command)};
}

Error unknown_command(const CLI::App& command, const std::string& word) {
  std::vector<std::string> known;
  for (const CommandInfo& child : describe_tree(command).commands) {
    known.push_back(child.path.substr(child.path.rfind(' ') + 1));
  }
  const auto near = closest(word, known);
  return {category::bad_input,
          "no command '" + word + "'" + (command.get_parent() ? " in " + subject(command) : ""),
          near ? "did you mean '" + *near + "'?" : "known: " + join(known, ", ")};
}

const CLI::App* find_command(const CLI::App& command, const std::string& word) {
  for (const CLI::App* child : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (child->check_name(word)) return child;
  }
  return nullptr;
}

Walk walk(const CLI::App& program, int argc, const char* const* argv) {
  const CLI::App* command = &program;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") break;
    if (word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9')) {
      const std::string name = word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
      const CLI::Option* option = find_option(*command, name);
      if (option == nullptr) return {command, unknown_option(*command, name, {argv, argv + argc})};
      const bool value_follows = !is_flag(*option) && word == name;
      if (value_follows) ++i;
      continue;
    }
    if (command->get_subcommands([](const CLI::App*) { return true; }).empty()) continue;  // a positional
    const CLI::App* child = find_command(*command, word);
    if (child == nullptr) return {command, unknown_command(*command, word)};
    command = child;
  }
  return {command, std::nullopt};
}

/// Words that CLI11 takes for ARGS of a program, where none is named.
Error stray_arguments(const CLI::App& command, const std::vector<std::string>& words) {
  const auto is_job_file = [](const std::string& word) {
    return word.ends_with(".yml") || word.ends_with(".yaml");
  };
  const auto file = std::find_if(words.begin(), words.end(), is_job_file);
  if (file != words.end())
    return {category::bad_input, subject(command) + " does not take '" + *file + "' by itself",
            "a job file is named with --file " + shell_quote(*file)};
  return {category::bad_input, subject(command) + " does not take '" + words.front() + "' without --source",
          "name the folder of your program with --source DIR, or a job file with --file FILE"};
}

std::string without_type(std::string message) {
  // CLI11 writes "--name: 1 required TEXT missing".
  const auto colon = message.find(": 1 required ");
  return colon == std::string::npos ? message : message.substr(0, colon) + " needs a value";
}

}  // namespace

Error explain_usage(const CLI::App& program, const CLI::ParseError& problem, int argc,
                    const char* const* argv) {
  const Walk at = walk(program, argc, argv);
  if (at.fault) return *at.fault;
  const CommandInfo info = describe_tree(*at.command);
  if (!info.commands.empty()) {
    std::vector<std::string> names;
    for (const CommandInfo& child : info.commands)
      names.push_back(child.path.substr(child.path.rfind(' ') + 1));
    return {category::bad_input, subject(*at.command) + " needs a command: " + join(names, ", "),
            see_help(*at.command)};
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr) {
    const std::vector<std::string> extra = program.remaining(true);
    return {category::bad_input,
            subject(*at.command) + " does not take '" + (extra.empty() ? "" : extra.front()) + "'",
            "usage: " + info.usage()};
  }
  const CLI::Option* const arguments = at.command->get_option_no_throw("ARGS");
  if (dynamic_cast<const CLI::RequiresError*>(&problem) != nullptr && arguments != nullptr &&
      arguments->count() > 0 && at.command->count("--source") == 0)
    return stray_arguments(*at.command, arguments->results());
  if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr) {
    return {category::bad_input, subject(*at.command) + ": " + problem.what(), "usage: " + info.usage()};
  }
  return {category::bad_input, subject(*at.command) + ": " + without_type(problem.what()),
          see_help(*at.command)};
}

}  // namespace amltrain::cli
