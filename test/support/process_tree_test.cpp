#include "support/process_tree.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "children.hpp"
#include "support/process.hpp"
#include "temporary_folder.hpp"

namespace amltrain {
namespace {

bool holds(const std::vector<pid_t>& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

}  // namespace

TEST_CASE("children are listed by their parent, and know it", "[support]") {
  const test::Child child([](int) {});
  CHECK(holds(children_of(getpid()), child.pid()));
  CHECK(parent_of(child.pid()) == getpid());
  CHECK(children_of(child.pid()).empty());
  CHECK(holds(process_ids(), child.pid()));
  CHECK(holds(process_ids(), getpid()));
}

TEST_CASE("a process shows the environment it was started with, by whole entries", "[support]") {
  Command command;
  command.arguments = {"sleep", "1000"};
  command.environment = {{"AMLTRAIN_TEST", "one"}};
  const pid_t pid = start_process(command);
  CHECK(started_with(pid, "AMLTRAIN_TEST=one"));
  CHECK_FALSE(started_with(pid, "AMLTRAIN_TEST=on"));
  CHECK_FALSE(started_with(pid, "TEST=one"));
  const auto handle = ProcessHandle::open(pid);
  REQUIRE(handle);
  CHECK(handle->signal(SIGKILL));
  CHECK(wait_for(pid).signal == SIGKILL);
  CHECK_FALSE(started_with(pid, "AMLTRAIN_TEST=one"));
  CHECK_FALSE(handle->signal(SIGKILL));  // whoever has the pid now
  CHECK(parent_of(pid) == 0);
  CHECK_FALSE(ProcessHandle::open(pid));
}

TEST_CASE("a process that becomes another program shows its environment", "[support]") {
  const test::TemporaryFolder folder;
  const std::string script = folder / "again.sh";
  test::write_plain(script, "exec /bin/sh \"$0\"\n");
  Command command;
  command.arguments = {"/bin/sh", script};
  command.environment = {{"AMLTRAIN_TEST", "one"}};
  const pid_t pid = start_process(command);
  int seen = 0;
  constexpr int kLooks = 20000;
  for (int look = 0; look < kLooks; ++look) seen += started_with(pid, "AMLTRAIN_TEST=one") ? 1 : 0;
  CHECK(seen == kLooks);
  CHECK(ProcessHandle::open(pid)->signal(SIGKILL));
  CHECK(wait_for(pid).signal == SIGKILL);
}

}  // namespace amltrain
