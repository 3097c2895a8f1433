#include "job/memory_watch.hpp"

#include <catch2/catch.hpp>

#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

using test::TemporaryFolder;
using test::write_below;

}  // namespace

TEST_CASE("kills for want of memory are counted by the own control group, else by the machine", "[job]") {
  const TemporaryFolder root;
  CHECK(read_oom_counts(root.path()).empty());
  write_below(root / "proc/vmstat", "pgfault 12\noom_kill 5\n");
  REQUIRE(read_oom_counts(root.path()).size() == 1);
  CHECK(read_oom_counts(root.path())[0].place == "this machine");
  CHECK(read_oom_counts(root.path())[0].kills == 5);

  SECTION("version 2") {
    write_below(root / "proc/self/cgroup", "0::/job\n");
    write_below(root / "proc/self/mountinfo", "31 23 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    write_below(root / "sys/fs/cgroup/job/memory.events", "low 0\noom 1\noom_kill 3\noom_group_kill 0\n");
  }
  SECTION("version 1") {
    write_below(root / "proc/self/cgroup", "9:name=systemd:/\n4:memory:/job\n");
    write_below(root / "sys/fs/cgroup/memory/job/memory.oom_control", "under_oom 0\noom_kill 3\n");
  }
  SECTION("version 1, in a container that shows only its own group") {
    write_below(root / "proc/self/cgroup", "4:memory:/docker/abc\n");
    write_below(root / "sys/fs/cgroup/memory/memory.oom_control", "under_oom 0\noom_kill 3\n");
  }
  const auto counts = read_oom_counts(root.path());
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].place == "its control group");
  CHECK(counts[0].kills == 3);
}

TEST_CASE("the kernel's log names the process that it killed for want of memory", "[job]") {
  CHECK(killed_for_memory("6,1,2,-;Out of memory: Killed process 42 (python3) total-vm:1kB") == 42);
  CHECK(killed_for_memory("3,1,2,-;Memory cgroup out of memory: Killed process 7 (sh) total-vm:1kB") == 7);
  CHECK(killed_for_memory("6,1,2,-;python3[42]: segfault at 0") == 0);
  CHECK(killed_for_memory("3,1,2,-;Out of memory: Killed process ") == 0);
}

}  // namespace amltrain
