#include "job/group_guard.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "support/error.hpp"

namespace amltrain {
namespace {

/// Only async-signal-safe calls. The signals that the supervisor blocks stay blocked.
[[noreturn]] void guard(int pipe) {
  setpgid(0, 0);
  prctl(PR_SET_NAME, "amltrain-guard");
  pid_t group = 0, received = 0;
  while (true) {
    const ssize_t count = read(pipe, &received, sizeof received);
    if (count < 0 && errno == EINTR) continue;
    if (count != sizeof received) break;
    group = received;
  }
  if (group > 0) kill(-group, SIGKILL);
  _exit(0);
}

}  // namespace

GroupGuard::GroupGuard() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("cannot make a pipe");
  const Fd read_end(ends[0]);
  pipe_ = Fd(ends[1]);
  const pid_t child = fork();
  if (child < 0)
    throw Error(category::environment, "cannot start a process", "check the limits on processes (ulimit -u)");
  if (child > 0) return;
  pipe_.reset();
  guard(read_end.get());
}

void GroupGuard::protect(pid_t group) {
  if (write(pipe_.get(), &group, sizeof group) != sizeof group)
    throw_errno("cannot guard the worker's processes");
}

}  // namespace amltrain
