// The process table: who descends from whom, what a process was started with, and signals that reach no
// other.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/files.hpp"

namespace amltrain {

/// Fields 3 and on of /proc/PID/stat (proc(5)): state, parent, ... Absent when there is no such process.
std::optional<std::string> stat_fields(pid_t pid);

/// Children of a process of one thread, ended ones that were not waited for among them. A child that ends
/// while they are listed can hide another (proc(5)): ask until there is none.
std::vector<pid_t> children_of(pid_t parent);

/// 0 when the process has gone.
pid_t parent_of(pid_t pid);

/// All that /proc shows.
std::vector<pid_t> process_ids();

/// True when the environment that the process was started with holds `entry`, "NAME=VALUE". False for one
/// that has ended, or is not ours to look into. Waits, a second at most, for one that is amid execve(2).
bool started_with(pid_t pid, std::string_view entry);

/// One process, whatever becomes of its pid (pidfd_open(2)).
class ProcessHandle {
 public:
  /// Absent when there is none of that pid.
  static std::optional<ProcessHandle> open(pid_t pid);

  /// False when it has ended. Throws Error{bad_input} when it is another user's.
  bool signal(int number) const;
  /// Readable once it has ended.
  int fd() const { return fd_.get(); }

 private:
  ProcessHandle(pid_t pid, Fd fd) : pid_(pid), fd_(std::move(fd)) {}
  pid_t pid_;
  Fd fd_;
};

}  // namespace amltrain
