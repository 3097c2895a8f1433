// The process above the supervisor of a run.
#pragma once

#include <sys/types.h>

#include <vector>

#include "history/run_store.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace amltrain {

/// Orphans of a run come to its supervisor, which adopts them (PR_SET_CHILD_SUBREAPER); those of a supervisor
/// that was killed come to this process, its parent, which ends them and then the run. So whichever of the
/// two is killed, no process of the run outlives it, however it was forked.
class RunKeeper {
 public:
  /// Forks the supervisor, in a process with one thread. It leads a process group of its own, so that a
  /// signal to one of the groups does not reach both.
  RunKeeper();

  bool is_supervisor() const { return supervisor_ == 0; }

  /// In the supervisor: keeps the open files of locks, at most kMostSlots, open until the keeper has gone
  /// too.
  void hold(const std::vector<int>& lock_fds) const;

  /// In the keeper: returns when the supervisor has ended, and how, and nothing of the run is left here.
  /// SIGTERM and SIGINT are passed on.
  ExitStatus attend() const;

  /// In the keeper: returns when the supervisor has ended and nothing of the run is left; ends the run if it
  /// could not. Signals as above.
  void keep(RunWriter& run) const;

 private:
  Fd supervisors_end_, keepers_end_;  // of a socket; what is sent stays in it
  pid_t supervisor_;
};

}  // namespace amltrain
