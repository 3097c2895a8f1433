#include "job/host_questions.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "history/store.hpp"
#include "job/ranks.hpp"
#include "support/error.hpp"
#include "support/stand_ins.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// A training of two ranks on two hosts, and what failed first.
struct Training {
  Store store;
  RunWriter run = store.start();
  Start start = make_start();
  HostFaults faults = {{"", "can't be reached: ssh: no"}};
  Failure first = make_failure();

  static Start make_start() {
    Start made;
    made.job.command = "amltrain train --data x";
    made.job.nodes = 2;
    made.target.hosts.resize(2);
    made.target.hosts[0].name = "n1";
    made.target.hosts[1].name = "n2";
    return made;
  }
  static Failure make_failure() {
    Failure made;
    made.category = name_of(category::bad_input);
    made.code = static_cast<int>(category::bad_input);
    made.message = "its own";
    return made;
  }
  Failure explained(std::optional<int> rank) const {
    const MpirunDoubt doubt(run.paths(), start.job, start.target, 0, getpid());
    std::optional<Failure> failure = first;
    explain_ranks_end(failure, {run.paths(), start, 0, doubt, faults}, rank);
    return failure.value();
  }
};

}  // namespace

TEST_CASE("a rank that says what it failed of is not excused by a host that is not its own", "[job]") {
  Training training;
  CHECK(training.explained(0).message == "rank 0: its own");
  CHECK(training.explained(0).category == "bad_input");
  CHECK(training.explained(1).message == "host n2 can't be reached: ssh: no\nrank 1: its own");
  CHECK(training.explained(1).category == "environment");
  CHECK(training.explained(std::nullopt).cause == "host_unreachable");
  SECTION("one that misses another rank, or was killed, is") {
    training.first.category = name_of(category::environment);
    CHECK(training.explained(0).cause == "host_unreachable");
    training.first = Training::make_failure();
    training.first.signal = SIGKILL;
    CHECK(training.explained(0).cause == "host_unreachable");
  }
  SECTION("a script's code says nothing of that") {
    training.start.job.command = "python train.py";
    CHECK(training.explained(0).cause == "host_unreachable");
  }
}

TEST_CASE("hosts of which nothing is known excuse no failure, and their ranks can still tell", "[job]") {
  Training training;
  CHECK(ranks_that_can_tell(training.start, training.faults) == std::vector<int>{0});
  training.faults.reset();
  CHECK(ranks_that_can_tell(training.start, training.faults) == std::vector<int>{0, 1});
  CHECK(training.explained(1).message == "rank 1: its own");
}

TEST_CASE("a question about hosts that fails says nothing of them", "[job]") {
  const Training training;
  const std::vector<Host>& hosts = training.start.target.hosts;
  ProcessKeeper keeper;
  const StandIns programs;
  programs.add("ssh", "exit 0");
  CHECK(ask_hosts(training.store.workspace, hosts, "", Patience::once, keeper) ==
        std::vector<std::string>{"", ""});
  programs.add("ssh", "kill -9 $PPID; sleep 9");
  CHECK_FALSE(ask_hosts(training.store.workspace, hosts, "", Patience::once, keeper));
}
