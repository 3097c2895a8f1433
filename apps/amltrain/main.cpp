// amltrain: a table of commands, and what becomes of an error.
#include <csignal>
#include <iostream>
#include <memory>
#include <new>

#include "checks.hpp"
#include "commands/commands.hpp"
#include "context.hpp"
#include "help.hpp"
#include "usage_error.hpp"

namespace amltrain::cli {
namespace {

constexpr void (*kCommands[])(CLI::App&, Context&) = {
    add_workspace, add_experiment,  add_compute,  add_data,     add_train,      add_evaluate, add_predict,
    add_submit,    add_job,         add_log,      add_wait,     add_runs,       add_register, add_models,
    add_download,  add_export_onnx, add_selftest, add_describe, add_completion, add_man,      add_supervise,
};

void declare(CLI::App& program, Context& context) {
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
  for (const auto add : kCommands) add(program, context);
}

int run(int argc, char** argv) {
  Context context(argc, argv);
  try {
    CLI::App program("Train PyTorch models on your own machines as runs of a workspace.", "amltrain");
    declare(program, context);
    try {
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
  return amltrain::cli::run(argc, argv);
}
