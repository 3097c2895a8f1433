#include "job/process_keeper.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "support/error.hpp"
#include "support/process_tree.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr milliseconds kStuckPoll{1000};
constexpr Clock::time_point kNever = Clock::time_point::max();
constexpr std::chrono::hours kLongest{24 * 365 * 100};  // far below where the clock overflows

/// SIGPIPE is among them so that a reader of the ready pipe that has gone does not end the supervisor.
sigset_t supervised_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE}) sigaddset(&set, signal);
  return set;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// A stopped process takes SIGTERM only once it goes on.
void ask_group_to_end(pid_t group) {
  kill(-group, SIGTERM);
  kill(-group, SIGCONT);
}

/// Those that have left the group of the worker were not asked with it.
void ask_others_to_end(pid_t parent, pid_t group) {
  for (const pid_t pid : children_of(parent)) {
    ask_others_to_end(pid, group);
    if (getpgid(pid) == group) continue;
    kill(pid, SIGTERM);
    kill(pid, SIGCONT);
  }
}

}  // namespace

ProcessKeeper::ProcessKeeper() {
  const sigset_t set = supervised_signals();
  if (sigprocmask(SIG_BLOCK, &set, &before_) != 0) throw_errno("cannot block signals");
  signals_.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) throw_errno("cannot receive signals");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw_errno("cannot adopt orphans");
}

ProcessKeeper::~ProcessKeeper() {
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

ProcessKeeper::Reaped ProcessKeeper::reap(pid_t wanted) {
  Reaped found;
  int status = 0;
  rusage used{};
  while (true) {
    const pid_t ended = wait4(-1, &status, WNOHANG, &used);
    if (ended < 0 && errno == EINTR) continue;
    if (ended <= 0) {
      found.any_left = ended == 0;
      return found;
    }
    taken_.cpu_seconds += seconds(used.ru_utime) + seconds(used.ru_stime);
    taken_.largest_bytes = std::max(taken_.largest_bytes, static_cast<std::uint64_t>(used.ru_maxrss) * 1024);
    if (ended == wanted)
      found.wanted =
          WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
  }
}

ProcessKeeper::Taken ProcessKeeper::take_used() {
  // A child's ru_maxrss counts what it was before exec: a copy of this process.
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  Taken taken = std::exchange(taken_, Taken{});
  if (taken.largest_bytes <= static_cast<std::uint64_t>(own.ru_maxrss) * 1024) taken.largest_bytes = 0;
  return taken;
}

void ProcessKeeper::wait(milliseconds patience, int fd) {
  std::array<pollfd, 2> events{{{signals_.get(), POLLIN, 0}, {fd, POLLIN, 0}}};  // poll(2) passes -1 over
  poll(events.data(), events.size(),
       static_cast<int>(std::clamp<milliseconds::rep>(patience.count(), 0, 3'600'000)));
  signalfd_siginfo seen{};
  while (read(signals_.get(), &seen, sizeof seen) == sizeof seen) {
    const int signal = static_cast<int>(seen.ssi_signo);
    if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) stop_requested_ = true;
  }
}

ChildEnd ProcessKeeper::attend(pid_t child, std::optional<std::chrono::seconds> time_limit,
                               milliseconds grace, const std::function<void()>& on_stop,
                               const std::function<bool()>& is_stuck) {
  EndedBy by = EndedBy::itself;
  bool killed = false;
  std::optional<ExitStatus> status;
  // When the next step is due: the end of the time limit, then that of the grace, then never.
  Clock::time_point due = kNever;
  if (time_limit && *time_limit < kLongest) due = Clock::now() + *time_limit;
  while (true) {
    const Reaped reaped = reap(child);
    if (reaped.wanted) {
      status = reaped.wanted;
      if (by != EndedBy::itself) ask_others_to_end(getpid(), child);
    }
    const bool late = Clock::now() >= due;
    // What the worker left behind has no claim on time, but for what is left of the grace.
    if (status && (by == EndedBy::itself || !reaped.any_left || late || killed)) return {*status, by};
    if (by == EndedBy::itself && (stop_requested_ || late)) {
      by = stop_requested_ ? EndedBy::stop : EndedBy::time_limit;
      due = Clock::now() + grace;
      ask_group_to_end(child);
      if (by == EndedBy::stop) on_stop();
    } else if (late) {
      kill(-child, SIGKILL);
      killed = true;
      due = kNever;
    }
    auto patience = std::chrono::ceil<milliseconds>(due - Clock::now());
    if (is_stuck && by == EndedBy::itself && !status) {
      if (is_stuck()) kill(-child, SIGKILL);
      patience = std::min(patience, kStuckPoll);
    }
    wait(patience);
  }
}

std::optional<ExitStatus> ProcessKeeper::await(pid_t child, std::chrono::seconds patience) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    if (const auto status = reap(child).wanted) return status;
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (stop_requested_ || left.count() <= 0) {
      kill(-child, SIGKILL);
      return std::nullopt;
    }
    wait(left);
  }
}

ExitStatus ProcessKeeper::attend_supervisor(pid_t supervisor) {
  bool passed_on = false;
  while (true) {
    if (const auto status = reap(supervisor).wanted) return *status;
    if (stop_requested_ && !passed_on) {
      kill(supervisor, SIGTERM);
      passed_on = true;
    }
    wait(kLongest);
  }
}

void ProcessKeeper::end_descendants() {
  // Killing a parent hands its children to us, so this goes on until none is left. A process that the kernel
  // can't end (stuck in a device) is given up after a while.
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (reap(0).any_left && Clock::now() < deadline) {
    for (const pid_t pid : children_of(getpid())) kill(pid, SIGKILL);
    wait(milliseconds(100));
  }
}

}  // namespace amltrain
