// Forked helpers of a test case, and waiting for events with a deadline.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <string>

#include "support/files.hpp"

namespace amltrain::test {

constexpr int kPatienceMilliseconds = 20'000;

/// True when the process ended in time; any process, not only a child.
inline bool ends_in_time(pid_t pid) {
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return errno == ESRCH;
  pollfd event{process.get(), POLLIN, 0};
  return poll(&event, 1, kPatienceMilliseconds) == 1;
}

/// A fork of the test that runs `act` with the writing end of a pipe, then stays until it is killed.
class Child {
 public:
  explicit Child(const std::function<void(int pipe)>& act) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    from_child_.reset(ends[0]);
    pid_ = fork();
    if (pid_ == 0) {
      act(ends[1]);
      close(ends[1]);
      while (true) pause();
    }
    close(ends[1]);
  }
  ~Child() { kill_now(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  /// What the child wrote to the pipe until it closed it.
  std::string message() {
    std::string text;
    char byte = 0;
    while (read(from_child_.get(), &byte, 1) == 1) text += byte;
    return text;
  }
  void kill_now() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  Fd from_child_;
};

}  // namespace amltrain::test
