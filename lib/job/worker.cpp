#include "job/worker.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "job/free_port.hpp"
#include "job/mpirun.hpp"
#include "job/ranks.hpp"
#include "job/secret_variables.hpp"
#include "job/working_folder.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

std::string joined(const std::vector<int>& numbers) {
  std::vector<std::string> words;
  for (const int number : numbers) words.push_back(std::to_string(number));
  return join(words, ",");
}

std::string joined_names(const std::vector<Host>& hosts) {
  std::vector<std::string> names;
  for (const Host& host : hosts) names.push_back(host.name);
  return join(names, ",");
}

/// What the job says of a variable, else what the submitter's environment does.
std::string value_of(const std::map<std::string, std::string>& environment, const char* name) {
  const auto chosen = environment.find(name);
  if (chosen != environment.end()) return chosen->second;
  const char* inherited = std::getenv(name);
  return inherited != nullptr ? inherited : "";
}

/// At the end: what is installed comes first. Empty when the module of this program is not there.
std::string python_path(const std::map<std::string, std::string>& environment) {
  const auto own = installed_path("lib/amltrain/python");
  std::error_code absent;
  if (!std::filesystem::is_directory(own, absent)) return "";
  const std::string before = value_of(environment, "PYTHONPATH");
  return before.empty() ? own.string() : before + ":" + own.string();
}

std::string path_with_own_folder(const std::map<std::string, std::string>& environment) {
  const auto chosen = environment.find("PATH");
  const char* inherited = std::getenv("PATH");
  std::string path = own_executable().parent_path().string();
  if (chosen != environment.end())
    path += ":" + chosen->second;
  else
    path += std::string(":") + (inherited != nullptr ? inherited : "/usr/local/bin:/usr/bin:/bin");
  return path;
}

/// One process on one machine, as torchrun and Open MPI's mpirun name it.
void set_only_rank(std::map<std::string, std::string>& environment) {
  for (const char* name :
       {"RANK", "LOCAL_RANK", "NODE_RANK", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK"})
    environment[name] = "0";
  for (const char* name :
       {"WORLD_SIZE", "LOCAL_WORLD_SIZE", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"})
    environment[name] = "1";
}

/// Left alone, each of the ranks would start a thread for every core. They are the same on each host, since
/// mpirun gives all the same variables.
int threads_of_rank(const JobDefinition& job, const std::vector<Host>& hosts) {
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (hosts.empty()) return std::max(1, cores / world_size(job));
  cores = std::ranges::min(hosts, {}, [](const Host& host) { return host.inventory.cores; }).inventory.cores;
  return std::max(1, cores / job.procs_per_node);
}

/// This process's own don't come to other hosts.
bool says_threads(const std::map<std::string, std::string>& environment, const std::vector<Host>& hosts) {
  return hosts.empty() ? !value_of(environment, "OMP_NUM_THREADS").empty()
                       : environment.contains("OMP_NUM_THREADS");
}

std::map<std::string, std::string> environment_of(const Workspace& workspace, const RunWriter& run,
                                                  const JobDefinition& job, const ComputeTarget& target,
                                                  int restarts) {
  std::map<std::string, std::string> environment = job.environment_variables;
  std::erase_if(environment, [](const auto& variable) { return variable.second == kNotKept; });  // inherited
  if (target.threads > 0) environment.emplace("OMP_NUM_THREADS", std::to_string(target.threads));
  if (!target.gpus.empty()) {
    environment["CUDA_VISIBLE_DEVICES"] = joined(target.gpus);
    environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";  // the driver counts that way, CUDA's default is speed
  }
  environment["PATH"] = path_with_own_folder(job.environment_variables);
  if (const std::string path = python_path(job.environment_variables); !path.empty())
    environment["PYTHONPATH"] = path;
  environment["AMLTRAIN_WORKSPACE"] = workspace.root().string();
  environment["AMLTRAIN_RUN_ID"] = environment["AZUREML_RUN_ID"] = run.definition().id;
  environment["AMLTRAIN_METRICS"] = run.paths().metrics().string();
  environment["AMLTRAIN_RESTARTS"] = std::to_string(restarts);
  // Not to a script, which may train several models, one after the other.
  if (trainer_arguments(job)) {
    environment["AMLTRAIN_CHECKPOINTS"] = run.paths().checkpoints().string();
    if (world_size(job) > 1) environment["AMLTRAIN_RENDEZVOUS"] = random_hex(16);
    if (target.hosts.size() > 1) environment["AMLTRAIN_HOSTS"] = joined_names(target.hosts);
  }
  environment["AZUREML_NODE_COUNT"] = std::to_string(job.nodes);
  environment.emplace("MASTER_ADDR", target.hosts.empty() ? "127.0.0.1" : target.hosts.front().address);
  // A command of one process may do without.
  if (const auto port = free_port()) environment.emplace("MASTER_PORT", std::to_string(*port));
  if (!is_started_by_mpirun(job, target))
    set_only_rank(environment);
  else if (!says_threads(environment, target.hosts))
    environment["OMP_NUM_THREADS"] = std::to_string(threads_of_rank(job, target.hosts));
  return environment;
}

}  // namespace

Worker make_worker(const Workspace& workspace, const RunWriter& run, const JobDefinition& job,
                   const ComputeTarget& target, const std::string& expanded, int restarts) {
  Worker worker;
  auto words = split_plain_words(expanded);
  worker.is_amltrain = words && !words->empty() && words->front() == "amltrain";
  if (worker.is_amltrain) {
    words->front() = own_executable().string();
    worker.command.arguments = std::move(*words);
  } else {
    worker.command.arguments = {"/bin/sh", "-c", expanded};
  }
  worker.command.environment = environment_of(workspace, run, job, target, restarts);
  worker.command.working_folder = working_folder(job, run.paths());
  worker.command.stdout_file = worker.command.stderr_file = run.paths().worker_log(0);
  return worker;
}

void start_by_mpirun(Worker& worker, const RunWriter& run, const JobDefinition& job,
                     const ComputeTarget& target) {
  worker.command.arguments = mpirun_words(job, target, run.definition().id, worker.command);
  worker.command.stdout_file = worker.command.stderr_file = mpirun_log(run.paths());
}

}  // namespace amltrain
