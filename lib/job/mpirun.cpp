#include "job/mpirun.hpp"

#include <unistd.h>

#include <set>
#include <utility>

#include "compute/ssh.hpp"
#include "job/ranks.hpp"
#include "job/unheard.hpp"
#include "support/error.hpp"
#include "support/process_tree.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// It takes four seconds to end ranks that take no heed of SIGTERM.
constexpr std::chrono::seconds kTimeToEnd{8};
constexpr std::chrono::seconds kTimeToStart{60};
constexpr std::chrono::seconds kLongestPause{4};  // between two questions that come each second

using Words = std::vector<std::string>;

void append(Words& words, const Words& more) { words.insert(words.end(), more.begin(), more.end()); }

Words parameters(const std::vector<std::pair<std::string, std::string>>& values) {
  Words words;
  for (const auto& [name, value] : values) append(words, {"--mca", name, value});
  return words;
}

/// Slots say who may run, so mpirun is not to count cores.
Words here(const JobDefinition& job) { return {"--oversubscribe", "-np", std::to_string(world_size(job))}; }

Words on_hosts(const JobDefinition& job, const ComputeTarget& target, const Command& rank) {
  const std::string each = std::to_string(job.procs_per_node);
  Words hosts;
  for (const Host& host : target.hosts) hosts.push_back(host.name + ":" + each);
  Words words{"--host",   join(hosts, ","),
              "--map-by", "ppr:" + each + ":node",
              "-np",      std::to_string(world_size(job)),
              "-wdir",    rank.working_folder.string()};
  if (target.slurm)
    append(words, parameters({{"plm", "slurm"}}));
  else
    append(words, parameters({
                      {"plm", "rsh"},  // whatever else it finds to start processes with
                      {"plm_rsh_agent", "ssh"},
                      {"plm_rsh_args", join(ssh_options(target.ssh_config), " ")},
                      {"plm_rsh_no_tree_spawn", "1"},  // only this machine need reach the others by ssh
                  }));
  append(words, parameters({
                    {"oob_tcp_keepalive_time", "3"},  // a host that is gone is missed after seven seconds
                    {"oob_tcp_keepalive_intvl", "2"},
                    {"oob_tcp_keepalive_probes", "2"},
                    {"btl", "tcp,self,vader"},
                }));
  std::set<std::string> names;
  for (const auto& [name, value] : rank.environment) names.insert(name);
  for (const auto& [name, value] : job.environment_variables) names.insert(name);  // secrets: inherited
  for (const std::string& name : names) append(words, {"-x", name});
  return words;
}

}  // namespace

void require_mpirun() {
  Command version;
  version.arguments = {"mpirun", "--version"};
  version.stdout_file = version.stderr_file = "/dev/null";
  try {
    if (wait_for(start_process(version)).ok()) return;
  } catch (const Error&) {  // there is none
  }
  throw Error(category::environment,
              "a run of several processes needs Open MPI, and there is no mpirun in PATH",
              "install it (Debian: openmpi-bin)");
}

std::vector<std::string> mpirun_words(const JobDefinition& job, const ComputeTarget& target, const RunId& run,
                                      const Command& rank) {
  Words words{"mpirun", "--bind-to", "none"};  // no rank is kept on one core
  if (geteuid() == 0) words.emplace_back("--allow-run-as-root");
  // A SIGCONT that it would pass on before it knows its hosts ends it, with exit code 0 and nothing started.
  append(words, parameters({{"ess_base_forward_signals", "none"}}));
  append(words, target.hosts.empty() ? here(job) : on_hosts(job, target, rank));
  append(words, {own_executable().string(), "rank", "--run", run, "--procs-per-node",
                 std::to_string(job.procs_per_node), "--"});
  append(words, rank.arguments);
  return words;
}

std::filesystem::path mpirun_log(const RunPaths& paths) { return paths.logs() / "mpirun.log"; }

bool MpirunDoubt::is_stuck() {
  const auto now = std::chrono::steady_clock::now();
  was_stopped_ = was_stopped_ || is_stopped(now);
  return was_stuck_ = was_stuck_ || was_stopped_ || has_waited_long(now) || is_unheard(mpirun_);
}

bool MpirunDoubt::is_stopped(std::chrono::steady_clock::time_point now) {
  const auto fields = stat_fields(mpirun_);
  const bool stopped = fields && fields->starts_with(" T");
  // What stopped this process for a while, as a suspended machine does, may have stopped both.
  const bool was_away = now - std::exchange(asked_, now) > kLongestPause;
  if (!stopped || was_away) seen_stopped_.reset();
  if (stopped && !seen_stopped_) seen_stopped_ = now;
  return seen_stopped_ && now - *seen_stopped_ > kTimeToEnd;
}

bool MpirunDoubt::has_waited_long(std::chrono::steady_clock::time_point now) try {
  if (!seen_failed_ && first_failed_rank(paths_, world_size(job_), restart_)) seen_failed_ = now;
  if (seen_failed_ && now - *seen_failed_ > kTimeToEnd) return true;
  return now - begun_ > kTimeToStart && !describe_absent_ranks(paths_, job_, target_, restart_).empty();
} catch (const Error&) {  // of a file of a rank that can't be read now: over NFS, say
  return false;
}

}  // namespace amltrain
