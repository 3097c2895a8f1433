// Signals and children of the process that supervises a run.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
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
/// which has one thread. SIGTERM, SIGINT and SIGHUP ask to stop. Nothing here polls unless it is asked to: it
/// sleeps until a signal or a deadline.
class ProcessKeeper {
 public:
  ProcessKeeper();
  ~ProcessKeeper();
  ProcessKeeper(const ProcessKeeper&) = delete;
  ProcessKeeper& operator=(const ProcessKeeper&) = delete;

  bool stop_requested() const { return stop_requested_; }
  /// Returns when a signal has come, `fd` (-1: none) can be read, or after `patience`.
  void wait(std::chrono::milliseconds patience, int fd = -1);

  /// Waits for the end of `child`, which leads a process group. On a request to stop (`on_stop` is called) or
  /// at the time limit the group gets SIGTERM, and SIGKILL after `grace`; descendants that have left the
  /// group get SIGTERM when the child has ended, and the rest of the grace. A child that `is_stuck`, asked
  /// each second where it is given, says of, is killed.
  ChildEnd attend(pid_t child, std::optional<std::chrono::seconds> time_limit,
                  std::chrono::milliseconds grace, const std::function<void()>& on_stop,
                  const std::function<bool()>& is_stuck = {});

  /// The same for a child that only asks something: absent after `patience` and on a request to stop. It is
  /// killed then, and not waited for: a driver that hangs in the kernel doesn't let it go.
  std::optional<ExitStatus> await(pid_t child, std::chrono::seconds patience);

  /// Waits for the end of `supervisor`, a child that handles requests to stop itself: they are passed on.
  ExitStatus attend_supervisor(pid_t supervisor);

  /// What the children that have ended took since the last call, with all that they waited for.
  struct Taken {
    double cpu_seconds = 0;
    std::uint64_t largest_bytes = 0;  // resident, of any one; 0: no more than this process
  };
  Taken take_used();

  /// Kills every process that descends from this one, however it was left behind, and reaps it.
  void end_descendants();

 private:
  struct Reaped {
    std::optional<ExitStatus> wanted;  // its status when it is among those that have ended
    bool any_left = true;              // of the children
  };
  /// Reaps all children that have ended.
  Reaped reap(pid_t wanted);

  sigset_t before_;
  Fd signals_;
  bool stop_requested_ = false;
  Taken taken_;
};

}  // namespace amltrain
