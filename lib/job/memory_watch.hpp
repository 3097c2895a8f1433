// Whether the kernel kills for want of memory while a worker runs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/files.hpp"

namespace amltrain {

/// What the kernel counts: oom_kill of memory.events (control groups of version 2), of memory.oom_control
/// (version 1) and of /proc/vmstat, which counts for the whole machine.
struct OomCount {
  std::string place;  // "its control group", "this machine"
  std::filesystem::path file;
  std::uint64_t kills = 0;
};
/// Of the own control group, else of the machine. `root`: of the file system, for tests.
std::vector<OomCount> read_oom_counts(const std::filesystem::path& root = "/");

/// The process that a line of the kernel's log says was killed for want of memory; 0 for any other line.
pid_t killed_for_memory(std::string_view kernel_line);

class MemoryWatch {
 public:
  /// Begins to watch.
  MemoryWatch();

  /// What tells that the kernel killed since then for want of memory, for people: "the kernel killed process
  /// 7 for want of memory". Sure when its log, where we may read it, names `worker`; else from the counts.
  /// Empty when nothing does.
  std::string evidence(pid_t worker) const;

 private:
  bool log_names(pid_t worker) const;
  std::vector<OomCount> before_;
  Fd kernel_log_;  // /dev/kmsg, at its end when we began
};

}  // namespace amltrain
