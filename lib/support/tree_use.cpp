#include "support/tree_use.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/files.hpp"

namespace amltrain {
namespace {

struct Seen {
  pid_t parent = 0;
  std::uint64_t resident_pages = 0;
};

/// proc(5): "pid (comm) state ppid ..."; comm may hold spaces and brackets, so fields count from the last
/// ')'.
std::optional<Seen> read_stat(const std::string& pid) {
  const Fd file(open(("/proc/" + pid + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::array<char, 1024> buffer{};
  const ssize_t count = read(file.get(), buffer.data(), buffer.size() - 1);
  if (count <= 0) return std::nullopt;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  Seen seen;
  long pages = 0;
  // From field 3 on; 4 is the parent, 24 the pages.
  const int read_fields =
      std::sscanf(buffer.data() + name_end + 1,
                  " %*c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld",
                  &seen.parent, &pages);
  if (read_fields != 2) return std::nullopt;
  seen.resident_pages = pages > 0 ? static_cast<std::uint64_t>(pages) : 0;
  return seen;
}

std::map<pid_t, Seen> read_all() {
  std::map<pid_t, Seen> all;
  std::error_code gone;
  for (std::filesystem::directory_iterator entry("/proc", gone), end; !gone && entry != end;
       entry.increment(gone)) {
    const std::string name = entry->path().filename().string();
    pid_t pid = 0;
    const auto [rest, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem != std::errc{} || rest != name.data() + name.size()) continue;
    if (const auto seen = read_stat(name)) all.emplace(pid, *seen);
  }
  return all;
}

}  // namespace

TreeUse look_at_tree(pid_t root, const std::set<pid_t>& left_out) {
  const std::map<pid_t, Seen> all = read_all();
  std::multimap<pid_t, pid_t> children;
  for (const auto& [pid, seen] : all) children.emplace(seen.parent, pid);
  TreeUse use;
  std::vector<pid_t> parents{root};
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  while (!parents.empty()) {
    const auto [begin, end] = children.equal_range(parents.back());
    parents.pop_back();
    for (auto child = begin; child != end; ++child) {
      const pid_t pid = child->second;
      if (left_out.contains(pid) || !use.processes.insert(pid).second) continue;
      use.resident_bytes += all.at(pid).resident_pages * page;
      parents.push_back(pid);
    }
  }
  return use;
}

}  // namespace amltrain
