#include "support/process_tree.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

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

bool started_with(pid_t pid, std::string_view entry) {
  const std::string environment = read_if_there(folder_of(pid) / "environ");
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
