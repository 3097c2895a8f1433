#include "support/control_group.hpp"

#include <catch2/catch.hpp>

#include "children.hpp"
#include "support/hash.hpp"
#include "support/process.hpp"
#include "temporary_folder.hpp"

namespace amltrain {
namespace {

using test::TemporaryFolder;
using test::write_below;

constexpr const char* kMounts =
    "30 23 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "31 23 0:29 WITHIN /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";

std::string mounts_of(const std::string& within) {
  std::string text = kMounts;
  return text.replace(text.find("WITHIN"), 6, within);
}

}  // namespace

TEST_CASE("the own group is found below the mount of version 2", "[support]") {
  const TemporaryFolder root;
  CHECK_FALSE(own_control_group(root.path()));
  write_below(root / "proc/self/cgroup", "4:memory:/elsewhere\n0::/user.slice/one.scope\n");
  CHECK_FALSE(own_control_group(root.path()));
  write_below(root / "proc/self/mountinfo", mounts_of("/"));
  CHECK(own_control_group(root.path()) == root / "sys/fs/cgroup/user.slice/one.scope");
}

TEST_CASE("of a tree that is mounted in part, the own group is below that part or not to be seen",
          "[support]") {
  const TemporaryFolder root;
  write_below(root / "proc/self/cgroup", "0::/docker/abc/inner\n");
  write_below(root / "proc/self/mountinfo", mounts_of("/docker/abc"));
  CHECK(own_control_group(root.path()) == root / "sys/fs/cgroup/inner");
  write_below(root / "proc/self/mountinfo", mounts_of("/other"));
  CHECK_FALSE(own_control_group(root.path()));
}

TEST_CASE("a folder that is no control group of that name is not taken for one", "[support]") {
  const TemporaryFolder root;
  std::filesystem::create_directories(root / "amltrain-a");
  CHECK_FALSE(ControlGroup::open(root / "amltrain-a", "amltrain-a"));
  CHECK_FALSE(ControlGroup::open(root / "absent", "absent"));
  CHECK_FALSE(ControlGroup::open("/sys/fs/cgroup", "amltrain-a"));
  CHECK_FALSE(ControlGroup::open("", ""));
}

TEST_CASE("ending a control group ends all that was started in it, and the group", "[support]") {
  const std::string name = "amltrain-test-" + random_hex(8);
  const auto group = ControlGroup::make(name);
  if (!group) {
    WARN("skipped: no control group of version 2 can be made here");
    return;
  }
  CHECK(ControlGroup::open(group->folder(), name));
  Command command;
  command.control_group = group->folder();
  command.arguments = {
      "/bin/sh", "-c",
      "trap '' TERM; mkdir \"$0/below\"; setsid env -i sleep 1000 & echo 0 > \"$0/below/cgroup.procs\"; "
      "setsid env -i sleep 1000 & wait",
      group->folder().string()};
  const pid_t pid = start_process(command);
  CHECK(group->end(std::chrono::milliseconds(test::kPatienceMilliseconds)));
  CHECK(wait_for(pid).signal == SIGKILL);
  CHECK_FALSE(std::filesystem::exists(group->folder()));
  CHECK_FALSE(ControlGroup::open(group->folder(), name));
  CHECK(group->end(std::chrono::milliseconds(0)));  // ended already
}

TEST_CASE("a program whose control group can't be joined runs all the same", "[support]") {
  const TemporaryFolder folder;
  Command command;
  command.arguments = {"true"};
  command.control_group = folder / "absent";
  CHECK(wait_for(start_process(command)).ok());
}

}  // namespace amltrain
