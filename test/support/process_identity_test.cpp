#include <sys/prctl.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "children.hpp"
#include "errors.hpp"
#include "support/process.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a living process is recognised and survives its JSON", "[support]") {
  const ProcessIdentity self = identify_self();
  CHECK(self.pid == getpid());
  CHECK(self.start_ticks > 0);
  CHECK(is_alive(self));
  CHECK(parse_process_identity(json(self)) == self);
}

TEST_CASE("a reused pid or another boot is not the same process", "[support]") {
  ProcessIdentity reused = identify_self();
  --reused.start_ticks;
  CHECK_FALSE(is_alive(reused));
  ProcessIdentity other_boot = identify_self();
  other_boot.boot_id = "00000000-0000-0000-0000-000000000000";
  CHECK_FALSE(is_alive(other_boot));
}

TEST_CASE("a process name with spaces and brackets does not shift the fields", "[support]") {
  char before[16];
  prctl(PR_GET_NAME, before);
  const ProcessIdentity self = identify_self();
  prctl(PR_SET_NAME, "a) R 1 (b) Z 2");
  CHECK(identify(getpid()) == self);
  prctl(PR_SET_NAME, before);
}

TEST_CASE("a zombie and a pid without a process count as gone", "[support]") {
  Command command;
  command.arguments = {"true"};
  const pid_t child = start_process(command);
  REQUIRE(ends_in_time(child));  // ended, not yet reaped
  CHECK_FALSE(identify(child));
  wait_for(child);
  CHECK_FALSE(identify(child));
  CHECK_FALSE(identify(0));
  CHECK_FALSE(identify(-1));
}
