#include "compute/cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>

namespace amltrain {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

template <typename T>
void lower(std::optional<T>& limit, T value) {
  limit = limit ? std::min(*limit, value) : value;
}

/// Version 2: cpu.max is "QUOTA PERIOD" in microseconds, memory.max bytes; "max" is no limit.
void read_version_2(const fs::path& group, CgroupLimits& limits) {
  if (const auto line = first_line(group / "cpu.max")) {
    double quota = 0, period = 0;
    if (std::istringstream(*line) >> quota >> period && period > 0) lower(limits.cores, quota / period);
  }
  if (const auto line = first_line(group / "memory.max")) {
    std::uint64_t bytes = 0;
    if (std::istringstream(*line) >> bytes) lower(limits.memory_bytes, bytes);
  }
}

/// Version 1: a quota of -1 is no limit.
void read_version_1_cpu(const fs::path& group, CgroupLimits& limits) {
  const auto quota_line = first_line(group / "cpu.cfs_quota_us");
  const auto period_line = first_line(group / "cpu.cfs_period_us");
  double quota = 0, period = 0;
  if (quota_line && period_line && std::istringstream(*quota_line) >> quota &&
      std::istringstream(*period_line) >> period && quota > 0 && period > 0)
    lower(limits.cores, quota / period);
}

/// Version 1 writes "no limit" as LONG_MAX rounded down to a page.
void read_version_1_memory(const fs::path& group, CgroupLimits& limits) {
  constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 62;
  const auto line = first_line(group / "memory.limit_in_bytes");
  std::uint64_t bytes = 0;
  if (line && std::istringstream(*line) >> bytes && bytes < kUnlimited) lower(limits.memory_bytes, bytes);
}

/// Visits `group` below `mount` and each of its parents. Inside a container without a cgroup namespace the
/// path is the host's and not there: what is mounted is the container's own group, which the way up ends at.
void walk_up(const fs::path& mount, std::string group, const std::function<void(const fs::path&)>& visit) {
  while (!group.empty() && group != "/") {
    visit(mount / group.substr(1));
    group.resize(group.rfind('/'));
  }
  visit(mount);
}

bool lists(std::string_view controllers, std::string_view wanted) {
  for (std::size_t start = 0; start <= controllers.size();) {
    const std::size_t end = std::min(controllers.find(',', start), controllers.size());
    if (controllers.substr(start, end - start) == wanted) return true;
    start = end + 1;
  }
  return false;
}

}  // namespace

CgroupLimits read_cgroup_limits(const fs::path& root) {
  CgroupLimits limits;
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  // cgroups(7): "ID:CONTROLLERS:PATH"; version 2 has ID 0 and no controllers.
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos || !line.substr(second + 1).starts_with('/')) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    if (controllers.empty()) walk_up(mount, group, [&](const fs::path& at) { read_version_2(at, limits); });
    if (lists(controllers, "cpu"))
      walk_up(mount / "cpu", group, [&](const fs::path& at) { read_version_1_cpu(at, limits); });
    if (lists(controllers, "memory"))
      walk_up(mount / "memory", group, [&](const fs::path& at) { read_version_1_memory(at, limits); });
  }
  return limits;
}

}  // namespace amltrain
