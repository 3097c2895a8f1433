#include "completion_scripts.hpp"

#include <sstream>

#include "support/text.hpp"

namespace amltrain::cli {
namespace {

// Where the shell is in the tree: "" for the program, " runs list" for a command.
std::string position(const CommandInfo& command) { return command.path.empty() ? "" : " " + command.path; }

std::string last_word(const std::string& path) { return path.substr(path.rfind(' ') + 1); }

std::string all_positions(const CommandInfo& program, const char* separator) {
  std::vector<std::string> quoted;
  for_each_command(program, [&](const CommandInfo& command) {
    if (!command.path.empty()) quoted.push_back("'" + position(command) + "'");
  });
  return join(quoted, separator);
}

std::string words_at(const CommandInfo& command) {
  std::vector<std::string> words;
  for (const CommandInfo& child : command.commands) words.push_back(last_word(child.path));
  for (const OptionInfo& option : command.options) words.push_back(option.names.back());
  return join(words, " ");
}

bool takes_run(const CommandInfo& command) {
  return !command.positionals.empty() && command.positionals.front().names.front().starts_with("RUN");
}

const char* const kRuns = "amltrain runs list 2>/dev/null | sed -e 1d -e 's/ .*//'";

/// What differs between the shells whose `case` is POSIX sh's.
struct Dialect {
  std::string offer_before, offer_after;  // around words to complete with
  std::string files;
};

/// The cases of "position previous-word" and of "position", indented for a function's body.
void print_cases(std::ostream& out, const CommandInfo& program, const Dialect& shell) {
  out << "  case \"$at $previous\" in\n";
  for_each_command(program, [&](const CommandInfo& command) {
    for (const OptionInfo& option : command.options) {
      if (option.argument.empty()) continue;
      std::vector<std::string> patterns;
      const std::string before = command.path.empty() ? "*" : "";
      for (const std::string& name : option.names) {
        patterns.push_back(before + "'" + position(command) + " " + name + "'");
      }
      const std::string act = !option.choices().empty() && !option.takes_file()
                                  ? shell.offer_before + join(option.choices(), " ") + shell.offer_after
                              : option.takes_file() ? shell.files
                                                    : ":";
      out << "    " << join(patterns, "|") << ") " << act << "; return ;;\n";
    }
  });
  out << "  esac\n  case \"$at\" in\n";
  for_each_command(program, [&](const CommandInfo& command) {
    out << "    '" << position(command) << "') offered='" << words_at(command) << "' ;;\n";
  });
  out << "  esac\n";
  std::vector<std::string> with_run;
  for_each_command(program, [&](const CommandInfo& command) {
    if (takes_run(command)) with_run.push_back("'" + position(command) + "'");
  });
  out << "  case \"$at\" in\n    " << join(with_run, "|") << ") offered+=\" $(" << kRuns
      << ")\" ;;\n  esac\n";
}

std::string quoted_for_fish(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

std::string bash_completion(const CommandInfo& program) {
  std::ostringstream out;
  out << "# bash completion of amltrain; load it with: source <(amltrain completion bash)\n"
         "_amltrain() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} at= offered= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"$at ${COMP_WORDS[i]}\" in "
      << all_positions(program, "|") << ") at+=\" ${COMP_WORDS[i]}\" ;; esac\n  done\n";
  print_cases(out, program,
              {"mapfile -t COMPREPLY < <(compgen -W '", "' -- \"$current\")",
               "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")"});
  out << "  mapfile -t COMPREPLY < <(compgen -W \"$offered\" -- \"$current\")\n"
         "}\n"
         "complete -o default -F _amltrain amltrain\n";
  return out.str();
}

std::string zsh_completion(const CommandInfo& program) {
  std::ostringstream out;
  out << "#compdef amltrain\n"
         "# zsh completion of amltrain; put it into a folder of $fpath as _amltrain, or\n"
         "# load it with: source <(amltrain completion zsh)\n"
         "_amltrain() {\n"
         "  local previous=${words[CURRENT-1]} at= offered= i\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    case \"$at ${words[i]}\" in ("
      << all_positions(program, "|") << ") at+=\" ${words[i]}\" ;; esac\n  done\n";
  print_cases(out, program, {"compadd -- ", "", "_files"});
  out << "  compadd -- ${=offered}\n"
         "  [[ ${words[CURRENT]} == -* ]] || _files\n"
         "}\n"
         "if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then _amltrain \"$@\"; else compdef _amltrain "
         "amltrain; "
         "fi\n";
  return out.str();
}

std::string fish_completion(const CommandInfo& program) {
  std::ostringstream out;
  out << "# fish completion of amltrain; load it with: amltrain completion fish | source\n"
         "function __amltrain_at\n"
         "  set -l at ''\n"
         "  for word in (commandline -opc)[2..-1]\n"
         "    switch \"$at $word\"\n"
         "      case "
      << all_positions(program, " ")
      << "\n        set at \"$at $word\"\n    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\n";
  for_each_command(program, [&](const CommandInfo& command) {
    const std::string here = command.path.empty() ? "" : " -n \"__amltrain_at '" + position(command) + "'\"";
    for (const CommandInfo& child : command.commands) {
      out << "complete -c amltrain -f -n \"__amltrain_at '" << position(command) << "'\" -a "
          << last_word(child.path) << " -d " << quoted_for_fish(child.description) << '\n';
    }
    if (takes_run(command))
      out << "complete -c amltrain" << here << " -a " << quoted_for_fish(std::string("(") + kRuns + ")")
          << '\n';
    for (const OptionInfo& option : command.options) {
      out << "complete -c amltrain" << here;
      for (const std::string& name : option.names) {
        out << (name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
      }
      if (!option.argument.empty()) out << (option.takes_file() ? " -r" : " -x");
      if (!option.choices().empty()) out << " -a " << quoted_for_fish(join(option.choices(), " "));
      out << " -d " << quoted_for_fish(option.description) << '\n';
    }
  });
  return out.str();
}

}  // namespace amltrain::cli
