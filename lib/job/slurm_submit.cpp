#include "job/slurm_submit.hpp"

#include "slurm/batch.hpp"
#include "slurm/client.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

/// A controller that is busy takes its time, and sbatch asks it again.
constexpr std::chrono::seconds kPatience{60};
/// Slurm's priorities are in thousands, and --nice is taken off them.
constexpr int kNicePerStep = 100;

std::optional<std::chrono::seconds> time_limit_of(const JobDefinition& job) {
  if (!job.timeout) return std::nullopt;
  return job.environment.empty() ? *job.timeout : *job.timeout * 2;  // building it has the limit for itself
}

/// Those that have ended as they must were looked at when the job was resolved.
std::vector<std::string> dependencies(const Workspace& workspace, const JobDefinition& job) {
  std::vector<std::string> after;
  for (const Predecessor& before : job.after) {
    const RunRecord other = read_run(workspace, before.run, Detail::state);
    if (is_terminal(other.state) && (before.any_end || other.state == State::completed)) continue;
    if (is_terminal(other.state) || other.slurm_job.empty())
      throw Error(category::conflict,
                  "run " + before.run + ", which it would wait for, is " + name_of(other.state),
                  "submit it again once that one runs, or has ended well");
    after.push_back((before.any_end ? "afterany:" : "afterok:") + other.slurm_job);
  }
  return after;
}

BatchRequest request_for(const Workspace& workspace, const RunWriter& run, const JobDefinition& job,
                         const ComputeTarget& target) {
  BatchRequest request;
  request.name = run.definition().id;
  request.settings = *target.slurm;
  request.folder = run.paths().folder;
  request.log = run.paths().supervisor_log();
  request.script = run.paths().batch_script();
  request.nodes = job.nodes;
  request.procs_per_node = job.procs_per_node;
  request.threads = target.threads;
  request.time_limit = time_limit_of(job);
  request.nice = (kUsualPriority - job.priority) * kNicePerStep;
  request.after = dependencies(workspace, job);
  return request;
}

}  // namespace

void submit_to_slurm(const Workspace& workspace, RunWriter& run, const JobDefinition& job,
                     const ComputeTarget& target, const Variables& secrets,
                     const std::filesystem::path& program) {
  const RunId& id = run.definition().id;
  publish_file(run.paths().batch_script(),
               batch_script(id, {program.string(), "supervise", "--workspace", workspace.root().string(),
                                 "--run", id, "--in-slurm"}));
  const auto words = sbatch_words(request_for(workspace, run, job, target));
  const SlurmAnswer answer = call_slurm(words, secrets, kPatience, run.lock().fd());
  Event queued{};
  queued.slurm_job = answer.problem.empty() ? parse_submitted(answer.text) : "";
  if (queued.slurm_job.empty()) {  // the answer alone may have been lost
    const auto known = job_of(ask_queue({id}, geteuid()).jobs, id, "");
    if (!known)
      throw Error(category::environment, "Slurm does not take it: " + answer.problem,
                  "see what it is told with: amltrain compute show " + target.name);
    queued.slurm_job = known->id;
  }
  queued.time = now();
  queued.state = State::queued;
  queued.reason = "Slurm job " + queued.slurm_job;
  run.record(std::move(queued));
}

}  // namespace amltrain
