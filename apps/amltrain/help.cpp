#include "help.hpp"

#include <sstream>

#include "command_tree.hpp"

namespace amltrain::cli {
namespace {

constexpr std::size_t kWidth = 100;  // of a help text, characters
constexpr std::size_t kColumn = 30;  // where descriptions begin

void print_entry(std::ostream& out, const std::string& name, const std::string& description) {
  std::string line = "  " + name;
  if (line.size() + 2 > kColumn) {
    out << line << '\n';
    line.clear();
  }
  line.resize(kColumn, ' ');
  out << line << wrapped(description, kWidth - kColumn, kColumn) << '\n';
}

void print_options(std::ostream& out, const char* title, const std::vector<OptionInfo>& options) {
  if (options.empty()) return;
  out << '\n' << title << ":\n";
  for (const OptionInfo& option : options) print_entry(out, option.usage(), option.description);
}

std::vector<OptionInfo> options_in(const CommandInfo& command, const std::string& group,
                                   bool global_only = false) {
  std::vector<OptionInfo> options;
  for (const OptionInfo& option : command.options) {
    const bool everywhere = option.names.back() != "--help" && option.names.back() != "--version";
    if (option.group == group && (everywhere || !global_only)) options.push_back(option);
  }
  return options;
}

const CLI::App& program_of(const CLI::App& command) {
  return command.get_parent() == nullptr ? command : program_of(*command.get_parent());
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::istringstream words(text);
  std::string result;
  std::size_t used = 0;
  for (std::string word; words >> word;) {
    if (used > 0 && used + 1 + word.size() > width) {
      result += '\n' + std::string(indent, ' ');
      used = 0;
    } else if (used > 0) {
      result += ' ';
      ++used;
    }
    result += word;
    used += word.size();
  }
  return result;
}

std::string HelpFormatter::make_help(const CLI::App* command, std::string, CLI::AppFormatMode) const {
  const CommandInfo info = describe_tree(*command);
  std::ostringstream out;
  out << "Usage: " << info.usage() << "\n\n" << wrapped(info.description, kWidth, 0) << '\n';
  if (!info.commands.empty()) {
    out << "\nCommands:\n";
    for (const CommandInfo& child : info.commands) {
      print_entry(out, child.path.substr(child.path.rfind(' ') + 1), child.description);
    }
  }
  print_options(out, "Arguments", info.positionals);
  for (const char* group :
       {"Options", "Trainer options", "Training the last layer alone",
        "Optimiser and schedule of the trainer", "Against overfitting", "Guards of the trainer"})
    print_options(out, group, options_in(info, group));
  if (command->get_parent() != nullptr) {
    print_options(out, "Global options, before or after the command",
                  options_in(describe_command(program_of(*command)), "Options", true));
  }
  out << '\n' << info.example << '\n';
  return out.str();
}

}  // namespace amltrain::cli
