// Signals and children of the process that supervises a run.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>

#include "support/files.hpp"
#include "support/process.hpp"

namespace amltrain {

enum class EndedBy { itself, stop, time_limit };

struct ChildEnd {
  ExitStatus status;
  EndedBy by = EndedBy::itself;
};

/// Turns signals into events and adopts orphans (PR_SET_CHILD_SUBREAPER) as long as it lives; one a process,
/// which has one thread. SIGTERM, SIGINT and SIGHUP ask to stop. Nothing here polls: it sleeps until a signal
/// or a deadline.
class ProcessKeeper {
 public:
  ProcessKeeper();
  ~ProcessKeeper();
  ProcessKeeper(const ProcessKeeper&) = delete;
  ProcessKeeper& operator=(const ProcessKeeper&) = delete;

  bool stop_requested() const { return stop_requested_; }
  /// Returns when a signal has come, or after `patience`.
  void wait(std::chrono::milliseconds patience);

  /// Waits for the end of `child`, which leads a process group. On a request to stop (`on_stop` is called) or
  /// at the time limit the group gets SIGTERM, and SIGKILL after `grace`; descendants that have left the
  /// group get SIGTERM when the child has ended, and the rest of the grace.
  ChildEnd attend(pid_t child, std::optional<std::chrono::seconds> time_limit,
                  std::chrono::milliseconds grace, const std::function<void()>& on_stop);

  /// Waits for the end of `supervisor`, a child that handles requests to stop itself: they are passed on.
  ExitStatus attend_supervisor(pid_t supervisor);

  /// Kills every process that descends from this one, however it was left behind, and reaps it.
  void end_descendants();

 private:
  sigset_t before_;
  Fd signals_;
  bool stop_requested_ = false;
};

}  // namespace amltrain
