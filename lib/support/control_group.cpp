#include "support/control_group.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "support/files.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// The path of the group within its tree, from the line "0::PATH".
std::optional<std::string> group_path(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return std::nullopt;
}

struct Mount {
  std::string within, point;  // which part of the tree is mounted, and where
};

/// proc(5), mountinfo: "ID PARENT DEVICE WITHIN POINT OPTIONS [TAGS...] - TYPE SOURCE OPTIONS".
std::optional<Mount> find_mount(const fs::path& root) {
  std::ifstream mounts(root / "proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos || !std::string_view(line).substr(dash + 3).starts_with("cgroup2 "))
      continue;
    std::istringstream words(line);
    std::string skipped;
    Mount mount;
    if (words >> skipped >> skipped >> skipped >> mount.within >> mount.point) return mount;
  }
  return std::nullopt;
}

bool write_word(const fs::path& file, std::string_view word) {
  const Fd fd(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return fd && write(fd.get(), word.data(), word.size()) == static_cast<ssize_t>(word.size());
}

/// For kernels before 5.14, which have no cgroup.kill.
void kill_each(const fs::path& folder) {
  std::ifstream members(folder / "cgroup.procs");
  for (pid_t pid = 0; members >> pid;) kill(pid, SIGKILL);
}

void kill_all(const fs::path& folder) {
  if (!write_word(folder / "cgroup.kill", "1")) kill_each(folder);
}

/// Groups that the processes made within go first.
bool remove_tree(const fs::path& folder) {
  std::error_code gone;
  std::vector<fs::path> below;
  for (const auto& entry : fs::directory_iterator(folder, gone)) {
    if (entry.is_directory(gone)) below.push_back(entry.path());
  }
  for (const fs::path& group : below) {
    if (!remove_tree(group)) return false;
  }
  return rmdir(folder.c_str()) == 0 || errno == ENOENT;
}

}  // namespace

std::optional<fs::path> own_control_group(const fs::path& root) {
  const auto group = group_path(root);
  const auto mount = find_mount(root);
  if (!group || !mount) return std::nullopt;
  const std::string within = mount->within == "/" ? "" : mount->within;
  // In a container without a namespace of its own for groups, only its part of the tree is mounted.
  if (!group->starts_with(within)) return std::nullopt;
  const std::string rest = group->substr(within.size());
  return (root / mount->point.substr(1) / fs::path(rest).relative_path()).lexically_normal();
}

std::optional<ControlGroup> ControlGroup::make(const std::string& name) {
  const auto own = own_control_group();
  if (!own) return std::nullopt;
  const fs::path folder = *own / name;
  if (mkdir(folder.c_str(), 0755) != 0) return std::nullopt;
  ControlGroup group(folder);
  // A part of a threaded tree takes no processes.
  std::string type;
  std::ifstream(folder / "cgroup.type") >> type;
  if (type == "domain") return group;
  group.end(std::chrono::milliseconds(0));
  return std::nullopt;
}

std::optional<ControlGroup> ControlGroup::open(const fs::path& folder, const std::string& name) {
  struct statfs system {};
  if (folder.filename() != name || statfs(folder.c_str(), &system) != 0 ||
      system.f_type != CGROUP2_SUPER_MAGIC)
    return std::nullopt;
  return ControlGroup(folder);
}

bool ControlGroup::end(std::chrono::milliseconds patience) const {
  const auto deadline = Clock::now() + patience;
  const Fd events(::open((folder_ / "cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  while (true) {
    if (remove_tree(folder_)) return true;
    kill_all(folder_);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return remove_tree(folder_);
    // cgroup.events is changed when the last one has gone; a short look again should that have been missed.
    pollfd change{events.get(), POLLPRI, 0};
    poll(&change, 1, static_cast<int>(std::min<std::chrono::milliseconds::rep>(left.count(), 20)));
  }
}

}  // namespace amltrain
