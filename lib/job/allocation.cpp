#include "job/allocation.hpp"

#include <algorithm>
#include <cstdlib>

#include "slurm/batch.hpp"
#include "slurm/client.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// Slurm tells of its limit a minute early, and the worker has had its grace when this is asked.
constexpr std::chrono::seconds kNearLimit = kNoticeOfLimit + std::chrono::seconds(60);

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string needed_variable(const char* name) {
  std::string value = variable(name);
  if (value.empty())
    throw Error(category::bad_input, std::string("this is no batch job of Slurm: it has no ") + name,
                "submit runs with: amltrain submit");
  return value;
}

int count_in(const char* name) {
  const std::vector<int> counts = parse_counts(variable(name));
  return counts.size() == 1 ? counts.front() : 0;
}

}  // namespace

Allocation Allocation::of_this_process() {
  Allocation made;
  made.job_ = needed_variable("SLURM_JOB_ID");
  made.nodes_ = names_of_nodes(needed_variable("SLURM_JOB_NODELIST"));
  made.cpus_ = parse_counts(variable("SLURM_JOB_CPUS_PER_NODE"));
  made.cpus_.resize(made.nodes_.size(), 1);
  made.threads_ = count_in("SLURM_CPUS_PER_TASK");
  made.restarts_ = count_in("SLURM_RESTART_COUNT");
  made.times_ = ask_job(made.job_);
  return made;
}

std::string Allocation::describe() const { return "Slurm job " + job_ + " on " + join(nodes_, ", "); }

ComputeTarget Allocation::target(const std::string& compute, const JobDefinition& job) const {
  ComputeTarget target;
  target.name = compute;
  target.kind = "slurm";
  target.slurm.emplace();
  target.max_nodes = static_cast<int>(nodes_.size());
  // Not all cores of the node, which other jobs may have.
  target.threads =
      threads_ > 0 ? threads_ : std::max(1, *std::ranges::min_element(cpus_) / job.procs_per_node);
  if (job.nodes == 1) return target;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Host& host = target.hosts.emplace_back();
    host.name = host.address = host.inventory.host = nodes_[i];
    host.slots = job.procs_per_node;
    host.here = i == 0;  // the batch script is on the first
    host.inventory.cores = cpus_[i];
  }
  return target;
}

SlurmIntent Allocation::intent() const {
  const auto in = [](std::int64_t limit) { return Time(std::chrono::seconds(limit)) - now(); };
  const auto is_late = [&](const auto& times) {
    return times && times->limit && in(*times->limit) < kNearLimit;
  };
  const auto times = ask_job(job_);
  if (!times) return is_late(times_) ? SlurmIntent::time_limit : SlurmIntent::unknown;
  if (times->state != "RUNNING" || times->restarts != restarts_ || times->preempted)
    return SlurmIntent::end_it;
  return is_late(times) ? SlurmIntent::time_limit : SlurmIntent::nothing;
}

std::optional<bool> Allocation::is_to_make_way() const {
  const auto times = ask_job(job_);
  if (!times) return std::nullopt;
  return times->state == "RUNNING" && times->restarts == restarts_ && times->preempted;
}

std::optional<std::chrono::seconds> Allocation::time_limit() const {
  auto times = ask_job(job_);
  if (!times) times = times_;
  if (!times || !times->limit || !times->started) return std::nullopt;
  return std::chrono::seconds(*times->limit - *times->started);
}

std::string Allocation::explain_requeue(const RunRecord& before) const {
  const std::string node = before.host.empty() ? "" : ask_node(before.host);
  const bool down = node.starts_with("down") || node.ends_with('*');
  return "requeued by Slurm" + (down ? ", as node " + before.host + " is " + node : "");
}

}  // namespace amltrain
