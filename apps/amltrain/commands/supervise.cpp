// supervise: the process behind a run, started by submit (lib/job/submit.cpp) and by nobody else.
#include "commands.hpp"
#include "job/supervisor.hpp"

namespace amltrain::cli {
namespace {

struct SuperviseOptions {
  std::string run;
  int lock_fd = -1, ready_fd = -1;  // inherited
  bool in_slurm = false;
};

}  // namespace

void add_supervise(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("supervise", "Walk a run through its stages.");
  command->group("");  // hidden
  auto& options = options_of<SuperviseOptions>(*command, [&context](const SuperviseOptions& given) {
    const Workspace& workspace = context.workspace();
    if (given.in_slurm) {
      context.exit_code = supervise_in_slurm(workspace, given.run);
      return;
    }
    supervise(workspace, RunWriter::resume(workspace, given.run, FileLock::adopt(given.lock_fd)),
              given.ready_fd);
  });
  command->add_option("--run", options.run, "Run id")->required();
  auto* lock = command->add_option("--lock-fd", options.lock_fd, "The run's lock, inherited");
  command->add_flag("--in-slurm", options.in_slurm, "In a batch job of Slurm, by the script that it keeps")
      ->excludes(lock);
  command->add_option("--ready-fd", options.ready_fd, "Where a byte tells that the run is queued");
  command->footer("Started by: amltrain submit");
}

}  // namespace amltrain::cli
