#include <algorithm>

#include "compute/target.hpp"
#include "environment/python.hpp"
#include "image/folder.hpp"
#include "job/input_location.hpp"
#include "job/mpirun.hpp"
#include "job/ranks.hpp"
#include "job/secret_inputs.hpp"
#include "job/secret_variables.hpp"
#include "job/submit.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// "local" is there for everyone, as in Azure ML.
void require_compute(const Workspace& workspace, const std::string& name) {
  require_name("compute target", name);
  if (name == "local" && !std::filesystem::exists(workspace.compute_file(name))) {
    ComputeTarget local;
    local.name = name;
    ensure_compute(workspace, local);
  }
}

void require_min_nodes(const JobDefinition& job) {
  if (job.min_nodes > job.nodes)
    throw Error(category::bad_input,
                "the job needs at least " + std::to_string(job.min_nodes) + " nodes and takes " +
                    std::to_string(job.nodes),
                "give --min-nodes from 1 to " + std::to_string(job.nodes) + ", or more --nodes");
}

/// Slurm has a refusal of its own below.
void require_hosts_for_fewer(const ComputeTarget& target, const JobDefinition& job) {
  if (job.min_nodes == 0 || job.min_nodes == job.nodes || !target.hosts.empty() || target.slurm) return;
  throw Error(category::bad_input,
              "the job goes on with " + std::to_string(job.min_nodes) + " of " + std::to_string(job.nodes) +
                  " nodes, and the nodes of '" + target.name + "' are all this machine",
              "leave --min-nodes out; hosts that can be lost are those of: compute create NAME --kind mpi");
}

void require_slots(const ComputeTarget& target, int slots) {
  if (slots <= target.max_nodes) return;
  throw Error(category::bad_input,
              "the job takes " + std::to_string(slots) + " slots, and compute target '" + target.name +
                  "' has " + std::to_string(target.max_nodes),
              "take fewer with --slots, or make a larger one: amltrain compute create NAME --max-nodes N");
}

void require_ranks(const JobDefinition& job) {
  if (const auto words = trainer_arguments(job))
    for (const char* option : {"--frozen-norm", "--cache-features"})
      if (std::ranges::find(*words, option) != words->end())
        throw Error(
            category::bad_input,
            std::string("the built-in trainer has no ") + option + " in several processes in this version",
            "leave it out, or train in one process");
  require_mpirun();
}

void require_hosts_fit(const ComputeTarget& target, const JobDefinition& job) {
  if (job.slots > job.nodes)
    throw Error(category::bad_input,
                "a run on hosts takes one slot a node, and the job takes " + std::to_string(job.slots) +
                    " for " + std::to_string(job.nodes),
                "leave --slots out");
  for (const Host& host : target.hosts)
    if (host.slots < job.procs_per_node)
      throw Error(category::bad_input,
                  "host " + host.name + " of '" + target.name + "' can have " + std::to_string(host.slots) +
                      " processes of a run, not " + std::to_string(job.procs_per_node),
                  "start fewer with --procs-per-node, or raise its slots in the hostfile of another target");
  require_mpirun();
}

/// What Slurm has no word for is refused here, and what it can't give by sbatch.
void require_slurm_fits(const Workspace& workspace, const ComputeTarget& target, const JobDefinition& job) {
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw Error(category::bad_input, what + ", and '" + target.name + "' is of kind slurm", hint);
  };
  if (job.slots > job.nodes)
    refuse("the job takes " + std::to_string(job.slots) + " slots for " + std::to_string(job.nodes),
           "leave --slots out; what a node is to have goes with: compute create --sbatch-arg");
  if (job.min_nodes > 0 && job.min_nodes < job.nodes)
    refuse("the job goes on with " + std::to_string(job.min_nodes) + " of " + std::to_string(job.nodes) +
               " nodes",
           "leave --min-nodes out: Slurm gives a job that it starts again all its nodes");
  if (job.queue_timeout)
    refuse("the job has a limit of its time in the queue",
           "leave --queue-timeout out: Slurm has no such limit");
  if (job.priority > kUsualPriority)
    refuse("the job has a priority of " + std::to_string(job.priority),
           "Slurm lets users only lower theirs: up to 50, or a --qos of the compute target");
  for (const Predecessor& before : job.after) {
    const RunRecord other = read_run(workspace, before.run, Detail::state);
    if (is_terminal(other.state) && !before.any_end && other.state != State::completed)
      throw Error(category::conflict,
                  "run " + before.run + ", for whose success it would wait, is " + name_of(other.state),
                  "wait for its end alone with --after " + before.run + ":any");
    if (!is_terminal(other.state) && other.definition.slurm_cluster != target.slurm->cluster)
      refuse("run " + before.run + " is on another compute target", "Slurm waits only for runs of its own");
  }
}

/// Registered data by its name, so that the run's record keeps it; anything else by its absolute path.
void resolve_inputs(const Workspace& workspace, JobDefinition& job) {
  for (auto& [name, input] : job.inputs) {
    if (input.type == "literal") continue;
    const InputLocation location = locate_input(workspace, name, input);
    if (!location.registered.empty())
      input.value = location.registered;
    else if (!location.path.empty())
      input.value = location.path.string();
  }
}

/// A layout that the trainer can't read is found now and not after the queue.
void require_image_data(const Workspace& workspace, const JobDefinition& job) {
  const auto data = job.inputs.find("data");
  if (!trainer_arguments(job) || data == job.inputs.end() || data->second.type == "literal") return;
  const std::filesystem::path folder = locate_input(workspace, "data", data->second).path;
  if (!folder.empty()) scan_image_folder(folder);
}

}  // namespace

JobDefinition resolve_job(const Workspace& workspace, JobDefinition job) {
  if (job.command.empty()) throw Error(category::bad_input, "the job has no command", "add: command: ...");
  if (!job.name.empty()) require_name("run", job.name);
  if (job.experiment_name.empty()) job.experiment_name = workspace.name();
  require_name("experiment", job.experiment_name);
  require_compute(workspace, job.compute);
  require_min_nodes(job);
  job.slots = std::max(job.slots, job.nodes);
  const ComputeTarget target = read_compute(workspace, job.compute);
  if (!target.slurm) require_slots(target, job.slots);
  require_hosts_for_fewer(target, job);
  if (!target.hosts.empty()) require_hosts_fit(target, job);
  if (world_size(job) > 1) require_ranks(job);
  settle_batch_size(job);
  resolve_inputs(workspace, job);
  recall_secrets(job.environment_variables);
  recall_inputs(job);
  if (!job.environment.empty()) find_python(job.environment.python);
  if (!job.code.empty()) job.code = std::filesystem::absolute(job.code).lexically_normal().string();
  expand_command(job, placeholder_values(workspace, job, "run"));  // names what is not defined
  for (Predecessor& before : job.after) before.run = resolve_run(workspace, before.run);
  if (target.slurm) require_slurm_fits(workspace, target, job);
  require_image_data(workspace, job);
  return job;
}

}  // namespace amltrain
