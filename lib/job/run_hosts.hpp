// The hosts of a compute target that a run holds. When its ranks are to start again, some may be gone.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compute/lease.hpp"
#include "compute/target.hpp"
#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// What a start of a run's worker is made of.
struct Start {
  JobDefinition job;     // its nodes are the hosts that there are
  ComputeTarget target;  // its hosts are these
};

/// Of hosts, in their order: why each can't be used now; empty: it can. Absent: they could not be asked.
using HostFaults = std::optional<std::vector<std::string>>;

class RunHosts {
 public:
  using Ask = std::function<HostFaults(const std::vector<Host>&)>;

  /// `slots` of the target are the run's; `all`: the target with all its hosts.
  RunHosts(const Workspace& workspace, std::string run, const JobDefinition& job, ComputeTarget all,
           std::vector<int> slots);

  struct GoingOn {
    Start start;
    std::string words;       // of what is not as the job says, for the record; empty: nothing
    std::vector<int> locks;  // of slots that were taken for it, to be kept open by others
  };
  /// Where the ranks go on: on the first of the run's hosts that can be used; in the place of others, on free
  /// hosts of the target while nobody waits for it, which the run then keeps; else on fewer, as far as the
  /// job lets it (least_nodes()). Where it doesn't, and where they could not be asked, on those that it had:
  /// they may be back when it starts. A training takes only hosts that compute as those that it has do: with
  /// the same instruction sets, and as many GPUs.
  GoingOn go_on(const Ask& ask);

  /// In the environment of each start: what decides the result of a training is on any hosts what it was on
  /// the first.
  void keep_result(std::map<std::string, std::string>& environment, const JobDefinition& started);

 private:
  bool may_take(const Host& host) const;
  Start last_start() const;
  std::vector<int> take_others(std::size_t missing, const Ask& ask);
  std::vector<Host> hosts_of(const std::vector<int>& slots) const;
  std::string describe(const Start& start, const std::vector<int>& lost) const;

  const Workspace& workspace_;
  const std::string run_;
  const JobDefinition job_;
  const ComputeTarget all_;
  std::vector<int> slots_;    // that the run holds, in the order in which it got them
  std::vector<int> started_;  // of the last start
  std::vector<Lease> taken_;  // since it began
  std::string threads_;       // OMP_NUM_THREADS of the first start
};

}  // namespace amltrain
