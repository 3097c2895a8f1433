// Which hosts of a run can be used, asked when its ranks have ended, and what that says of their end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compute/host_check.hpp"
#include "history/run.hpp"
#include "history/run_store.hpp"
#include "job/mpirun.hpp"
#include "job/process_keeper.hpp"
#include "job/run_hosts.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// faults_of(), in a process of its own: ssh may take its time. Absent after twenty seconds, on a request to
/// stop, and when that process fails, which is no reason for the run to.
HostFaults ask_hosts(const Workspace& workspace, const std::vector<Host>& hosts,
                     const std::string& ssh_config, Patience patience, ProcessKeeper& keeper);

/// True of an end that may be the doing of a host that is gone.
bool may_have_lost_host(const ChildEnd& end, const ComputeTarget& target);

/// The ranks on hosts that can be used, or of which nothing is known: these can still tell how they ended.
std::vector<int> ranks_that_can_tell(const Start& start, const HostFaults& faults);

/// The start of the worker of that number, whose ranks mpirun started.
struct RanksEnd {
  const RunPaths& paths;
  const Start& start;
  int number;
  const MpirunDoubt& doubt;
  const HostFaults& faults;
};
/// Adds to `failure` what mpirun and the hosts say of it; `rank` is whose it is, none when it is mpirun's.
/// Which hosts can't be reached says more than what that did to a rank, but not more than a rank of the
/// built-in trainer that answers for itself, on a host that is there. Makes a failure of an end with code 0
/// that not all ranks came to.
void explain_ranks_end(std::optional<Failure>& failure, const RanksEnd& end, std::optional<int> rank);

}  // namespace amltrain
