#include "job/submit.hpp"

#include <unistd.h>

#include <cerrno>

#include "compute/target.hpp"
#include "history/experiment.hpp"
#include "job/failure.hpp"
#include "job/git.hpp"
#include "job/input_fingerprints.hpp"
#include "job/input_location.hpp"
#include "job/secret_inputs.hpp"
#include "job/secret_variables.hpp"
#include "job/slurm_submit.hpp"
#include "snapshot/store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/pipe.hpp"
#include "support/regular_file.hpp"
#include "workspace/making.hpp"

namespace amltrain {
namespace {

/// What the run's command is run from, as it is now.
struct Origin {
  std::string snapshot;
  std::optional<GitAnswer> git;
};

Origin origin_of(const Workspace& workspace, const JobDefinition& job, const SourceScan* source) {
  if (job.code.empty()) {
    std::error_code gone;  // the shell's folder may have been removed
    return {"", ask_git(std::filesystem::current_path(gone))};
  }
  return {store_snapshot(workspace, source ? *source : scan_source(job.code)), ask_git(job.code)};
}

/// The source of another run, as it was then.
Origin origin_of(const Workspace& workspace, const RunId& run) {
  const RunPaths paths(workspace, run);
  RunDefinition before = read_definition(paths);
  Origin origin{std::move(before.snapshot), {}};
  if (before.git) {
    origin.git = GitAnswer{std::move(*before.git), ""};
    std::error_code absent;
    if (std::filesystem::exists(paths.source_diff(), absent))
      origin.git->diff = read_regular(paths.source_diff());
    else
      origin.git->state.diff.reset();
  }
  return origin;
}

void write_diff(const RunPaths& paths, const std::optional<GitAnswer>& git) {
  if (git && git->state.diff) publish_file(paths.source_diff(), git->diff);
}

RunDefinition define_run(const Workspace& workspace, const JobDefinition& job, const RunId& resumed_from) {
  RunDefinition run;
  run.resumed_from = resumed_from;
  run.id = job.name;
  run.experiment = job.experiment_name;
  run.compute = job.compute;
  run.display_name = job.display_name;
  run.description = job.description;
  run.tags = job.tags;
  run.submitted_at = now();
  run.job = job;
  run.data = data_of(workspace, job);
  run.timeout = job.timeout;
  return run;
}

pid_t start_supervisor(const Workspace& workspace, const RunWriter& run, const Variables& secrets,
                       int ready_fd, const std::filesystem::path& program) {
  const int lock_fd = run.lock().fd();
  Command command;
  command.arguments = {program.string(), "supervise",
                       "--workspace",    workspace.root().string(),
                       "--run",          run.definition().id,
                       "--lock-fd",      std::to_string(lock_fd),
                       "--ready-fd",     std::to_string(ready_fd)};
  command.environment = secrets;
  command.working_folder = run.paths().folder;
  command.stdout_file = command.stderr_file = run.paths().supervisor_log();
  command.inherited_fds = {lock_fd, ready_fd};
  command.new_session = true;
  command.die_with_parent = false;
  return start_process(command);
}

bool becomes_ready(const Fd& pipe) {
  char byte = 0;
  ssize_t count = 0;
  do count = read(pipe.get(), &byte, 1);
  while (count < 0 && errno == EINTR);
  return count == 1;
}

/// The supervisor ended before it was ready: the run ends here, unless the supervisor has recorded why.
[[noreturn]] void give_up(const Workspace& workspace, RunWriter& run, const Error& problem) {
  const RunId id = run.definition().id;
  const RunRecord seen = read_recorded(run.paths());
  if (seen.failure)
    throw Error(category::environment, "run " + id + " failed: " + seen.failure->message, seen.failure->hint);
  Event end{};
  end.time = now();
  end.state = State::failed;
  end.reason = problem.what();
  end.failure = failure_of(run.state(), problem);
  run.record(std::move(end));
  throw Error(problem.kind(), "run " + id + " failed: " + problem.what(),
              problem.hint().empty() ? "see " + workspace.run_folder(id).string() + "/logs/supervisor.log"
                                     : problem.hint());
}

}  // namespace

std::optional<DataReference> data_of(const Workspace& workspace, const JobDefinition& job) {
  const auto chosen = job.inputs.find(name_of_data_input(job));
  if (chosen == job.inputs.end()) return std::nullopt;
  const InputLocation location = locate_input(workspace, chosen->first, chosen->second);
  if (!location.path.empty()) return DataReference{location.name, location.path, location.fingerprint};
  // What the run will fetch: below its folder, whose name is not known yet.
  return DataReference{location.name, path_of_input(workspace, chosen->first, chosen->second, ""), ""};
}

RunId submit(const Workspace& workspace, const JobDefinition& resolved, const std::filesystem::path& program,
             const Resumption* resumption, const SourceScan* source, const RunId& reproduces) {
  const FileLock unnamed = hold_off_gc(workspace);  // a stored source, until the run that names it is there
  ensure_experiment(workspace, resolved.experiment_name);
  RunDefinition definition = define_run(workspace, resolved, resumption ? resumption->run : "");
  definition.reproduces = reproduces;
  const RunId another = resumption != nullptr ? resumption->run : reproduces;
  const bool from_another = !another.empty() && !resolved.code.empty();
  const Origin origin = from_another ? origin_of(workspace, another) : origin_of(workspace, resolved, source);
  definition.snapshot = origin.snapshot;
  if (origin.git) definition.git = origin.git->state;
  const ComputeTarget target = read_compute(workspace, resolved.compute);
  if (target.slurm) definition.slurm_cluster = target.slurm->cluster;
  RunWriter run = RunWriter::create(workspace, std::move(definition));
  Pipe ready;
  pid_t supervisor = -1;
  try {
    write_diff(run.paths(), origin.git);
    if (resumption) take_over(*resumption, run.paths());
    Variables secrets = secret_variables(resolved.environment_variables);
    secrets.merge(secret_inputs(resolved));
    if (target.slurm) {
      submit_to_slurm(workspace, run, resolved, target, secrets, program);
      return run.definition().id;
    }
    supervisor = start_supervisor(workspace, run, secrets, ready.write_end.get(), program);
  } catch (const Error& problem) {
    give_up(workspace, run, Error(category::environment, problem.what(), problem.hint()));
  }
  ready.write_end.reset();
  if (becomes_ready(ready.read_end)) return run.definition().id;
  const std::string how = describe(wait_for(supervisor));
  const std::string said = read_log_tail(run.paths().supervisor_log());
  give_up(
      workspace, run,
      Error(category::environment, "its supervisor ended with " + how + (said.empty() ? "" : ": " + said)));
}

}  // namespace amltrain
