#include "compute/cgroup.hpp"

#include <catch2/catch.hpp>

#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

using test::TemporaryFolder;
using test::write_below;

}  // namespace

TEST_CASE("a version 2 quota is its time over its period", "[compute]") {
  const TemporaryFolder root;
  write_below(root / "proc/self/cgroup", "0::/job\n");
  write_below(root / "sys/fs/cgroup/job/cpu.max", "150000 100000\n");
  write_below(root / "sys/fs/cgroup/job/memory.max", "1073741824\n");
  const CgroupLimits limits = read_cgroup_limits(root.path());
  CHECK(limits.cores == 1.5);
  CHECK(limits.memory_bytes == 1073741824U);
}

TEST_CASE("the tightest limit on the way to the root of the hierarchy holds", "[compute]") {
  const TemporaryFolder root;
  write_below(root / "proc/self/cgroup", "0::/slice/job\n");
  write_below(root / "sys/fs/cgroup/slice/cpu.max", "100000 100000\n");
  write_below(root / "sys/fs/cgroup/slice/job/cpu.max", "400000 100000\n");
  write_below(root / "sys/fs/cgroup/slice/memory.max", "max\n");
  write_below(root / "sys/fs/cgroup/slice/job/memory.max", "4096\n");
  const CgroupLimits limits = read_cgroup_limits(root.path());
  CHECK(limits.cores == 1.0);
  CHECK(limits.memory_bytes == 4096U);
}

TEST_CASE("version 1 limits are read from the controllers' own hierarchies", "[compute]") {
  const TemporaryFolder root;
  write_below(root / "proc/self/cgroup", "4:memory:/job\n1:cpu,cpuacct:/job\n0::/\n");
  write_below(root / "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "50000\n");
  write_below(root / "sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  write_below(root / "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "2048\n");
  const CgroupLimits limits = read_cgroup_limits(root.path());
  CHECK(limits.cores == 0.5);
  CHECK(limits.memory_bytes == 2048U);
}

TEST_CASE("what version 1 writes for no limit is no limit", "[compute]") {
  const TemporaryFolder root;
  write_below(root / "proc/self/cgroup", "4:memory:/\n1:cpu:/\n");
  write_below(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write_below(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  write_below(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  const CgroupLimits limits = read_cgroup_limits(root.path());
  CHECK_FALSE(limits.cores);
  CHECK_FALSE(limits.memory_bytes);
}

TEST_CASE("in a container that sees the host's path the mounted group's limit is found", "[compute]") {
  const TemporaryFolder root;
  write_below(root / "proc/self/cgroup", "1:cpu:/docker/0a1b2c\n");
  write_below(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n");
  write_below(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(read_cgroup_limits(root.path()).cores == 3.0);
}

TEST_CASE("without control groups, and with lines that are none, there is no limit", "[compute]") {
  const TemporaryFolder root;
  CHECK_FALSE(read_cgroup_limits(root.path()).cores);
  write_below(root / "proc/self/cgroup", "nonsense\n1:cpu\n:::\n0::relative\n");
  CHECK_FALSE(read_cgroup_limits(root.path()).cores);
  CHECK_FALSE(read_cgroup_limits(root.path()).memory_bytes);
}

}  // namespace amltrain
