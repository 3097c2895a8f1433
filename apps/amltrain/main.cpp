// amltrain: a table of commands, and what becomes of an error.
#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <iterator>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks.hpp"
#include "commands/commands.hpp"
#include "context.hpp"
#include "help.hpp"
#include "support/umask.hpp"
#include "usage_error.hpp"

namespace amltrain::cli {
namespace {

constexpr Command kCommands[] = {
    {"workspace", add_workspace},
    {"experiment", add_experiment},
    {"compute", add_compute},
    {"data", add_data},
    {"train", add_train},
    {"evaluate", add_evaluate},
    {"predict", add_predict},
    {"submit", add_submit},
    {"job", add_job},
    {"log", add_log},
    {"wait", add_wait},
    {"runs", add_runs},
    {"reproduce", add_reproduce},
    {"register", add_register},
    {"models", add_models},
    {"download", add_download},
    {"export-onnx", add_export_onnx},
    {"selftest", add_selftest},
    {"describe", add_describe},
    {"completion", add_completion, true},
    {"man", add_man, true},
    {"supervise", add_supervise},
    {"host-facts", add_host_facts},
    {"rank", add_rank},
};

/// The first two words that are neither options nor values of those that all commands have.
std::array<std::string_view, 2> plain_words(std::span<char* const> words) {
  std::array<std::string_view, 2> plain;
  std::size_t count = 0;
  for (std::size_t i = 1; i < words.size() && count < plain.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--") break;  // behind it are no commands
    if (word == "--workspace" || word == "--output") ++i;
    if (!word.starts_with('-')) plain[count++] = word;
  }
  return plain;
}

/// The words of `log` in CLI11's order, last first. It takes -0.5 for a value but -inf for options: with a
/// space before it, which strtod() skips, it is one.
std::vector<std::string> words_of_log(std::span<char* const> words) {
  std::vector<std::string> values(words.rbegin(), words.rend() - 1);
  for (std::string& value : values)
    if (value == "-inf" || value == "-nan") value.insert(0, " ");
  return values;
}

/// The command of that name. None where all have to be known: for help, and for a word that is no command.
const Command* named_command(std::string_view word) {
  const auto found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                  [&](const Command& command) { return command.name == word; });
  return found == std::end(kCommands) || found->tells_of_all ? nullptr : found;
}

void declare(CLI::App& program, Context& context, const Command* only) {
  program.formatter(std::make_shared<HelpFormatter>());
  program.fallthrough();  // global options may follow the command
  program.require_subcommand(1);
  program.option_defaults()->take_last()->always_capture_default();
  program.set_help_flag("-h,--help", "Show this text");
  program.set_version_flag("--version", std::string(AMLTRAIN_VERSION), "Show the version");
  program.footer("Start with: amltrain workspace init, then see amltrain COMMAND --help");
  program
      .add_option("--workspace", context.chosen_workspace,
                  "Folder of the workspace; else $AMLTRAIN_WORKSPACE, else the nearest one upward")
      ->type_name("DIR");
  one_of(program.add_option("--output", context.output, "Form of the result on standard output"),
         {"text", "json"});
  // Declaring all of them takes longer than most of them take to run.
  if (only != nullptr) {
    only->declare(program, context);
  } else {
    for (const Command& command : kCommands) command.declare(program, context);
  }
  refuse_empty_values(program);
}

int run(int argc, char** argv) {
  Context context(argc, argv);
  try {
    CLI::App program("Train PyTorch models on your own machines as runs of a workspace.", "amltrain");
    const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
    const auto [word, next] = plain_words(words);
    const Command* const named = named_command(word);
    if (named != nullptr) context.named_subcommand = next;
    declare(program, context, named);
    refuse_empty_values(words);
    try {
      if (word == "log")
        program.parse(words_of_log(words));
      else
        program.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      context.out() << program.help();
    } catch (const CLI::CallForVersion&) {
      context.print({{"schema", "amltrain.version/1"}, {"version", AMLTRAIN_VERSION}},
                    [](std::ostream& out) { out << "amltrain " AMLTRAIN_VERSION "\n"; });
    } catch (const CLI::ParseError& problem) {
      throw explain_usage(program, problem, argc, argv);
    }
    context.flush();
    return context.exit_code;
  } catch (const Error& error) {
    std::cout.flush();
    context.report(error);
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    context.report(Error(category::environment, "out of memory"));
    return static_cast<int>(category::environment);
  } catch (const std::exception& problem) {
    context.report(Error(category::internal, std::string("internal error: ") + problem.what(),
                         "this is a fault of amltrain; please report it with the command that you typed"));
    return static_cast<int>(category::internal);
  }
}

}  // namespace
}  // namespace amltrain::cli

int main(int argc, char** argv) {
  // A reader that has gone (`| head`) ends the program quietly, even when the parent ignored the signal.
  std::signal(SIGPIPE, SIG_DFL);
  amltrain::keep_others_from_writing();
  return amltrain::cli::run(argc, argv);
}
