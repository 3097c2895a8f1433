#include "job/restart.hpp"

#include <catch2/catch.hpp>
#include <csignal>

#include "job/failure.hpp"

namespace amltrain {
namespace {

bool restarts(ExitStatus status, bool is_amltrain, EndedBy by = EndedBy::itself) {
  const ChildEnd end{status, by};
  const auto failure = explain_end(end, "", is_amltrain, std::chrono::seconds(5), "");
  REQUIRE(failure);
  return is_restartable(end, *failure);
}

}  // namespace

TEST_CASE("a worker that was lost is started again, one that has answered is not", "[job]") {
  CHECK(restarts({0, SIGKILL}, true));
  CHECK(restarts({0, SIGSEGV}, false));
  CHECK(restarts({7, 0}, true));         // a fault of the machine, as amltrain says it
  CHECK_FALSE(restarts({7, 0}, false));  // of another program it means nothing
  CHECK(restarts({128 + SIGKILL, 0}, false));
  for (const int code : {1, 2, 3, 4, 6, 70}) CHECK_FALSE(restarts({code, 0}, true));
  CHECK_FALSE(restarts({1, 0}, false));
  CHECK_FALSE(restarts({255, 0}, false));
}

TEST_CASE("what the supervisor ended is not started again", "[job]") {
  CHECK_FALSE(restarts({0, SIGKILL}, true, EndedBy::stop));
  CHECK_FALSE(restarts({0, SIGTERM}, false, EndedBy::time_limit));
  CHECK_FALSE(restarts({7, 0}, true, EndedBy::stop));
}

TEST_CASE("a fault of the machine is given time to pass, longer each time", "[job]") {
  Failure killed, full;
  killed.category = "run_failed";
  full.category = "environment";
  CHECK(pause_before_restart(killed, 3).count() == 0);
  for (const auto& [done, seconds] : {std::pair{0, 1}, {1, 2}, {5, 32}, {6, 60}, {1000, 60}})
    CHECK(pause_before_restart(full, done).count() == seconds);
}

}  // namespace amltrain
