// Whether hosts can run what this machine starts on them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compute/host.hpp"
#include "compute/host_facts.hpp"
#include "compute/hostfile.hpp"
#include "support/clock.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// What keeps a host from being one, and what to do about it.
struct HostProblem {
  std::string what, hint;
};

/// What the facts of a host are compared with.
struct HostNeeds {
  HostFacts own;       // of this machine, its token that of the file
  Time before, after;  // of this machine's clock: when the host was asked and when its answer was there
};
/// Pure. Absent where all is well: the same program, the workspace's file read back, the same Open MPI, a
/// clock that differs by five seconds at most, and a GiB of free disk.
std::optional<HostProblem> problem_of(const HostFacts& host, const HostNeeds& needs);

/// Asks each host by one ssh, all at a time, and returns them with what they are. Throws Error{environment}
/// naming each that can't be one, why, and what to do.
std::vector<Host> check_hosts(const Workspace& workspace, const std::vector<HostLine>& lines,
                              const std::string& ssh_config);

/// Of a host that gives no answer in time, as a busy one may not.
enum class Patience { once, again };

/// Why each of them can't run anything now, by one ssh to each, and if asked to by a second to one that
/// didn't answer within six seconds: "can't be reached: ssh: connect to host n2 ...", or program or workspace
/// are not there. Empty: it can.
std::vector<std::string> faults_of(const Workspace& workspace, const std::vector<Host>& hosts,
                                   const std::string& ssh_config, Patience patience);

}  // namespace amltrain
