#include "job/host_questions.hpp"

#include <iostream>

#include "job/errand.hpp"
#include "job/failure.hpp"
#include "job/ranks.hpp"
#include "support/error.hpp"
#include "support/json_text.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

/// faults_of() asks a host twice at most, for six seconds each time.
constexpr std::chrono::seconds kPatience{20};

std::size_t node_of(const JobDefinition& job, int rank) {
  return static_cast<std::size_t>(rank / job.procs_per_node);
}

bool is_at_fault(const HostFaults& faults, std::size_t node) {
  return faults && node < faults->size() && !(*faults)[node].empty();
}

std::string in_words(const HostFaults& faults, const std::vector<Host>& hosts) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < hosts.size(); ++i)
    if (is_at_fault(faults, i)) words.push_back("host " + hosts[i].name + " " + (*faults)[i]);
  return join(words, "; ");
}

/// A rank of the built-in trainer that misses another says so by its category. A script whose library does
/// ends with any code.
bool may_be_of_host(const Failure& failure, const RanksEnd& end, int rank) {
  return is_at_fault(end.faults, node_of(end.start.job, rank)) || failure.signal ||
         failure.category == name_of(category::environment) || !trainer_arguments(end.start.job);
}

}  // namespace

HostFaults ask_hosts(const Workspace& workspace, const std::vector<Host>& hosts,
                     const std::string& ssh_config, Patience patience, ProcessKeeper& keeper) try {
  const Errand asking([&] { return lossy_text(json(faults_of(workspace, hosts, ssh_config, patience))); });
  const auto status = keeper.await(asking.pid(), kPatience);
  if (!status) return std::nullopt;
  return parse_json(asking.result(*status), "the answer about the hosts").get<std::vector<std::string>>();
} catch (const Error& problem) {
  std::cerr << "amltrain: the hosts could not be asked: " << problem.what() << '\n';
  return std::nullopt;
}

bool may_have_lost_host(const ChildEnd& end, const ComputeTarget& target) {
  return end.by == EndedBy::itself && !end.status.ok() && !target.hosts.empty() && !target.slurm;
}

std::vector<int> ranks_that_can_tell(const Start& start, const HostFaults& faults) {
  std::vector<int> ranks;
  for (int rank = 0; rank < world_size(start.job); ++rank) {
    const std::size_t node = node_of(start.job, rank);
    if (node < start.target.hosts.size() && !is_at_fault(faults, node)) ranks.push_back(rank);
  }
  return ranks;
}

// mpirun's word that all went well is not enough: one that gets a signal before it knows its hosts ends with
// 0, and has started nothing.
void explain_ranks_end(std::optional<Failure>& failure, const RanksEnd& end, std::optional<int> rank) {
  const JobDefinition& job = end.start.job;
  const ComputeTarget& target = end.start.target;
  const auto absent = [&] { return describe_absent_ranks(end.paths, job, target, end.number); };
  if (!failure) {
    if (!have_succeeded(end.paths, world_size(job), end.number)) failure = missing_ranks(absent());
    return;
  }
  const std::string fault = in_words(end.faults, target.hosts);
  if (rank) {
    name_rank(*failure, *rank);
    if (may_be_of_host(*failure, end, *rank)) explain_host_fault(*failure, fault);
    return;
  }
  if (!fault.empty()) return explain_host_fault(*failure, fault);
  if (end.doubt.was_stopped()) return explain_stopped_mpirun(*failure);
  const bool killed_from_outside = failure->signal && !end.doubt.was_stuck();
  if (target.hosts.empty() || killed_from_outside) return;
  if (const std::string missing = absent(); !missing.empty()) return explain_host_fault(*failure, missing);
  if (failure->code) explain_lost_daemon(*failure);
}

}  // namespace amltrain
