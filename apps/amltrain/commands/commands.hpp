// Every command of the program: each function declares one command, or a group of them, below `program`.
#pragma once

#include <CLI/CLI.hpp>

#include "../context.hpp"

namespace amltrain::cli {

struct Command {
  std::string_view name;
  void (*declare)(CLI::App&, Context&);
  bool tells_of_all = false;  // it describes every other command
};

void add_workspace(CLI::App& program, Context& context);
void add_experiment(CLI::App& program, Context& context);
void add_compute(CLI::App& program, Context& context);
void add_data(CLI::App& program, Context& context);
void add_train(CLI::App& program, Context& context);
void add_submit(CLI::App& program, Context& context);
void add_job(CLI::App& program, Context& context);
void add_log(CLI::App& program, Context& context);
void add_wait(CLI::App& program, Context& context);
void add_runs(CLI::App& program, Context& context);
void add_reproduce(CLI::App& program, Context& context);
void add_register(CLI::App& program, Context& context);
void add_models(CLI::App& program, Context& context);
void add_download(CLI::App& program, Context& context);
void add_evaluate(CLI::App& program, Context& context);
void add_predict(CLI::App& program, Context& context);
void add_export_onnx(CLI::App& program, Context& context);
void add_describe(CLI::App& program, Context& context);
void add_completion(CLI::App& program, Context& context);
void add_man(CLI::App& program, Context& context);
void add_selftest(CLI::App& program, Context& context);
void add_host_facts(CLI::App& program, Context& context);
void add_rank(CLI::App& program, Context& context);
void add_supervise(CLI::App& program, Context& context);

// Of the groups above, those with a file of their own.
void add_workspace_gc(CLI::App& workspace, Context& context);
void add_workspace_verify(CLI::App& workspace, Context& context);
void add_data_check(CLI::App& data, Context& context);
void add_data_fetch(CLI::App& data, Context& context);
void add_data_lock(CLI::App& data, Context& context);
void add_data_sample(CLI::App& data, Context& context);
void add_data_verify(CLI::App& data, Context& context);
void add_runs_list(CLI::App& runs, Context& context);
void add_runs_show(CLI::App& runs, Context& context);
void add_runs_metrics(CLI::App& runs, Context& context);
void add_runs_logs(CLI::App& runs, Context& context);
void add_runs_files(CLI::App& runs, Context& context);
void add_runs_cancel(CLI::App& runs, Context& context);
void add_runs_delete(CLI::App& runs, Context& context);
void add_runs_archive(CLI::App& runs, Context& context);
void add_runs_tag(CLI::App& runs, Context& context);
void add_runs_note(CLI::App& runs, Context& context);
void add_runs_compare(CLI::App& runs, Context& context);
void add_runs_export(CLI::App& runs, Context& context);
void add_runs_import(CLI::App& runs, Context& context);
void add_runs_events(CLI::App& runs, Context& context);

/// A command whose options live as long as it does. `run` is called with them once all words are parsed.
template <typename Options>
Options& options_of(CLI::App& command, std::function<void(const Options&)> run) {
  auto options = std::make_shared<Options>();
  command.callback([options, run = std::move(run)] { run(*options); });
  return *options;
}

}  // namespace amltrain::cli
