#include "support/process_tree.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>

#include "support/error.hpp"

namespace amltrain {
namespace {

std::filesystem::path folder_of(pid_t pid) { return "/proc/" + std::to_string(pid); }

/// A process may end at any moment: what can't be read then is empty.
std::string read_if_there(const std::filesystem::path& file) {
  try {
    return read_file(file);
  } catch (const Error&) {
    return "";
  }
}

/// Whether a process that shows no environment may be amid execve(2): the kernel shows none until the new
/// program's is in place. Not of one that has none, nor of one without memory: ended, or the kernel's.
bool may_show_more(pid_t pid) {
  constexpr int kMemory = 23, kCode = 26, kStart = 50, kEnd = 51;  // proc(5), counted from 1
  std::istringstream fields(stat_fields(pid).value_or(""));
  std::string state;
  fields >> state;
  std::uint64_t memory = 0, code = 0, start = 0, end = 0, value = 0;
  // Some are negative: these wrap around.
  for (int field = 4; field <= kEnd && fields >> value; ++field) {
    if (field == kMemory) memory = value;
    if (field == kCode) code = value;
    if (field == kStart) start = value;
    if (field == kEnd) end = value;
  }
  // The kernel sets where the code is last (fs/binfmt_elf.c, load_elf_binary).
  return memory > 0 && (code == 0 || start != end);
}

}  // namespace

std::optional<std::string> stat_fields(pid_t pid) {
  // "PID (NAME) S 1234 ..."; a name may hold blanks and brackets too.
  std::string stat = read_if_there(folder_of(pid) / "stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  return stat.erase(0, name_end + 1);
}

pid_t parent_of(pid_t pid) {
  const auto fields = stat_fields(pid);
  constexpr std::size_t kParent = 3;  // behind " S "
  if (!fields || fields->size() <= kParent) return 0;
  return static_cast<pid_t>(std::strtol(fields->c_str() + kParent, nullptr, 10));
}

std::vector<pid_t> process_ids() {
  std::vector<pid_t> ids;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", problem)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, no_number] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (no_number == std::errc{} && end == name.data() + name.size()) ids.push_back(pid);
  }
  return ids;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  // Much quicker than a walk, which a chain of forks could outrun; a kernel may be built without it.
  const auto list = folder_of(parent) / "task" / std::to_string(parent) / "children";
  if (access(list.c_str(), R_OK) == 0) {
    std::istringstream words(read_if_there(list));
    for (pid_t pid = 0; words >> pid;) children.push_back(pid);
    return children;
  }
  for (const pid_t pid : process_ids()) {
    if (parent_of(pid) == parent) children.push_back(pid);
  }
  return children;
}

namespace {

/// Read at once: between two reads the process may become another program, and the second then finds nothing.
std::string environment_now(pid_t pid) {
  constexpr std::size_t kFirst = 32 << 10, kMost = 8 << 20;  // execve(2) takes 6 MiB
  const std::filesystem::path path = folder_of(pid) / "environ";
  for (std::string content(kFirst, '\0');; content.resize(content.size() * 2)) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const ssize_t count = file ? read(file.get(), content.data(), content.size()) : 0;
    if (count == static_cast<ssize_t>(content.size()) && content.size() < kMost) continue;
    content.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return content;
  }
}

std::string environment_of(pid_t pid) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  std::string environment = environment_now(pid);
  while (environment.empty() && may_show_more(pid) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
    environment = environment_now(pid);
  }
  return environment;
}

}  // namespace

bool started_with(pid_t pid, std::string_view entry) {
  const std::string environment = environment_of(pid);
  for (std::size_t start = 0; start < environment.size();) {
    const std::size_t end = std::min(environment.find('\0', start), environment.size());
    if (std::string_view(environment).substr(start, end - start) == entry) return true;
    start = end + 1;
  }
  return false;
}

std::optional<ProcessHandle> ProcessHandle::open(pid_t pid) {
  Fd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) return std::nullopt;
  return ProcessHandle(pid, std::move(fd));
}

bool ProcessHandle::signal(int number) const {
  if (syscall(SYS_pidfd_send_signal, fd_.get(), number, nullptr, 0) == 0) return true;
  if (errno == EPERM)
    throw Error(category::bad_input, "process " + std::to_string(pid_) + " is another user's",
                "do it as the user who submitted the run");
  return false;
}

}  // namespace amltrain
