// Ends the worker's process group when the supervisor is killed.
#pragma once

#include <sys/types.h>

#include "support/files.hpp"

namespace amltrain {

/// PR_SET_PDEATHSIG ends only the worker itself; what a shell started for it would go on computing for
/// nobody. A forked process waits at a pipe whose other end is this object's: when the kernel closes it, the
/// group is killed. It inherits the run's lock and slot, so neither is free before the group has been ended.
class GroupGuard {
 public:
  /// Forks; before the worker is started, in a process with one thread.
  GroupGuard();
  void protect(pid_t group);

 private:
  Fd pipe_;
};

}  // namespace amltrain
