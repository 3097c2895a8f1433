#include "job/memory_watch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

#include "support/control_group.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// The number after `name` at the beginning of a line.
std::optional<std::uint64_t> count_in(const fs::path& file, std::string_view name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    std::uint64_t count = 0;
    if (words >> word >> count && word == name) return count;
  }
  return std::nullopt;
}

/// "ID:memory:PATH" of /proc/self/cgroup.
std::optional<std::string> version_1_group(const fs::path& root) {
  constexpr std::string_view kController = ":memory:/";
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t at = line.find(kController);
    if (at != std::string::npos) return line.substr(at + kController.size());
  }
  return std::nullopt;
}

/// In a container process numbers are not those of the kernel's log. The first namespace has a fixed number,
/// PROC_PID_INIT_INO of linux/proc_ns.h.
bool numbers_processes_as_the_kernel() {
  constexpr ino_t kFirst = 0xEFFFFFFCU;
  struct stat space {};
  return stat("/proc/self/ns/pid", &space) == 0 && space.st_ino == kFirst;
}

void add(std::vector<OomCount>& counts, const char* place, const fs::path& file) {
  if (const auto kills = count_in(file, "oom_kill")) counts.push_back({place, file, *kills});
}

}  // namespace

std::vector<OomCount> read_oom_counts(const fs::path& root) {
  std::vector<OomCount> counts;
  const char* own = "its control group";
  if (const auto group = own_control_group(root)) add(counts, own, *group / "memory.events");
  if (const auto group = version_1_group(root)) {
    const fs::path mount = root / "sys/fs/cgroup/memory";
    // In a container the path may be the host's, and what is mounted is the container's own group.
    const fs::path folder = fs::exists(mount / *group) ? mount / *group : mount;
    add(counts, own, folder / "memory.oom_control");
  }
  // Whoever is killed counts for its group; the machine's count is of strangers too.
  if (counts.empty()) add(counts, "this machine", root / "proc/vmstat");
  return counts;
}

pid_t killed_for_memory(std::string_view line) {
  // "Out of memory: Killed process 7 (python3) ...", "Memory cgroup out of memory: Killed process 7 ...",
  // mm/oom_kill.c.
  constexpr std::string_view kWords = "ut of memory: Killed process ";
  const std::size_t at = line.find(kWords);
  if (at == std::string_view::npos) return 0;
  const std::string_view rest = line.substr(at + kWords.size());
  pid_t pid = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), pid);
  return pid;
}

MemoryWatch::MemoryWatch() : before_(read_oom_counts()) {
  if (!numbers_processes_as_the_kernel()) return;
  kernel_log_.reset(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (kernel_log_ && lseek(kernel_log_.get(), 0, SEEK_END) < 0) kernel_log_.reset();
}

bool MemoryWatch::log_names(pid_t worker) const {
  if (!kernel_log_) return false;
  std::array<char, 8192> record{};  // one record a read, kernel's Documentation/ABI/testing/dev-kmsg
  while (true) {
    const ssize_t count = read(kernel_log_.get(), record.data(), record.size());
    if (count < 0 && (errno == EINTR || errno == EPIPE)) continue;  // EPIPE: records were lost meanwhile
    if (count <= 0) return false;
    if (killed_for_memory({record.data(), static_cast<std::size_t>(count)}) == worker) return true;
  }
}

std::string MemoryWatch::evidence(pid_t worker) const {
  if (log_names(worker)) return "the kernel killed process " + std::to_string(worker) + " for want of memory";
  for (const OomCount& before : before_) {
    const auto kills = count_in(before.file, "oom_kill");
    if (kills && *kills > before.kills)
      return "the kernel killed a process of " + before.place + " for want of memory while the worker ran";
  }
  return "";
}

}  // namespace amltrain
