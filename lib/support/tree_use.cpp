#include "support/tree_use.hpp"

#include <unistd.h>

#include <cstdio>
#include <map>
#include <optional>
#include <vector>

#include "support/process_tree.hpp"

namespace amltrain {
namespace {

struct Seen {
  pid_t parent = 0;
  std::uint64_t resident_pages = 0;
};

std::optional<Seen> read_stat(pid_t pid) {
  const auto fields = stat_fields(pid);
  if (!fields) return std::nullopt;
  Seen seen;
  long pages = 0;
  // From field 3 on; 4 is the parent, 24 the pages.
  const int read_fields =
      std::sscanf(fields->c_str(),
                  " %*c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld",
                  &seen.parent, &pages);
  if (read_fields != 2) return std::nullopt;
  seen.resident_pages = pages > 0 ? static_cast<std::uint64_t>(pages) : 0;
  return seen;
}

std::map<pid_t, Seen> read_all() {
  std::map<pid_t, Seen> all;
  for (const pid_t pid : process_ids()) {
    if (const auto seen = read_stat(pid)) all.emplace(pid, *seen);
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
