#include "job/process_keeper.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/error.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
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

/// Field 4 of /proc/PID/stat; 0 when the process has gone.
pid_t parent_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return 0;
  return static_cast<pid_t>(std::strtol(stat.c_str() + name_end + 4, nullptr, 10));  // ") S 1234"
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem == std::errc{} && end == name.data() + name.size() && parent_of(pid) == parent)
      children.push_back(pid);
  }
  return children;
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

/// Reaps all children that have ended; the status of `wanted` when it is among them.
std::optional<ExitStatus> ProcessKeeper::reap(pid_t wanted) {
  std::optional<ExitStatus> found;
  int status = 0;
  rusage used{};
  while (true) {
    const pid_t ended = wait4(-1, &status, WNOHANG, &used);
    if (ended < 0 && errno == EINTR) continue;
    if (ended <= 0) return found;
    taken_.cpu_seconds += seconds(used.ru_utime) + seconds(used.ru_stime);
    taken_.largest_bytes = std::max(taken_.largest_bytes, static_cast<std::uint64_t>(used.ru_maxrss) * 1024);
    if (ended == wanted)
      found = WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
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

void ProcessKeeper::wait(milliseconds patience) {
  pollfd event{signals_.get(), POLLIN, 0};
  poll(&event, 1, static_cast<int>(std::clamp<milliseconds::rep>(patience.count(), 0, 3'600'000)));
  signalfd_siginfo seen{};
  while (read(signals_.get(), &seen, sizeof seen) == sizeof seen) {
    const int signal = static_cast<int>(seen.ssi_signo);
    if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) stop_requested_ = true;
  }
}

ChildEnd ProcessKeeper::attend(pid_t child, std::optional<std::chrono::seconds> time_limit,
                               milliseconds grace, const std::function<void()>& on_stop) {
  EndedBy by = EndedBy::itself;
  // When the next step is due: the end of the time limit, then that of the grace, then never.
  Clock::time_point due = kNever;
  if (time_limit && *time_limit < kLongest) due = Clock::now() + *time_limit;
  while (true) {
    if (const auto status = reap(child)) return {*status, by};
    const bool late = Clock::now() >= due;
    if (by == EndedBy::itself && (stop_requested_ || late)) {
      by = stop_requested_ ? EndedBy::stop : EndedBy::time_limit;
      due = Clock::now() + grace;
      ask_group_to_end(child);
      if (by == EndedBy::stop) on_stop();
    } else if (late) {
      kill(-child, SIGKILL);
      due = kNever;
    }
    wait(std::chrono::ceil<milliseconds>(due - Clock::now()));
  }
}

void ProcessKeeper::end_descendants() {
  // Killing a parent hands its children to us, so this goes on until none is left. A process that the kernel
  // can't end (stuck in a device) is given up after a while.
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (Clock::now() < deadline) {
    reap(0);
    const std::vector<pid_t> children = children_of(getpid());
    if (children.empty()) return;
    for (const pid_t pid : children) kill(pid, SIGKILL);
    wait(milliseconds(100));
  }
}

}  // namespace amltrain
