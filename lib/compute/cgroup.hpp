// What control groups leave to this process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace amltrain {

struct CgroupLimits {
  std::optional<double> cores;                // CPU quota over its period; absent: no limit
  std::optional<std::uint64_t> memory_bytes;  // absent: no limit
};

/// The smallest limits on the way from this process's group to the root of the hierarchy, version 1 and 2
/// (kernel Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/). `root` is the folder that holds proc/ and
/// sys/fs/cgroup/. What can't be read counts as no limit.
CgroupLimits read_cgroup_limits(const std::filesystem::path& root = "/");

}  // namespace amltrain
