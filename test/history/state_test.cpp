#include "history/state.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

const std::vector<State> kLiving{State::not_started, State::queued,     State::preparing,
                                 State::running,     State::finalizing, State::cancel_requested};
const std::vector<State> kEnded{State::completed, State::failed, State::canceled};

}  // namespace

TEST_CASE("states are read back by their names in any case", "[history]") {
  for (const auto& states : {kLiving, kEnded})
    for (const State state : states) CHECK(parse_state(name_of(state)) == state);
  CHECK(parse_state("completed") == State::completed);
  CHECK(parse_state("CANCELREQUESTED") == State::cancel_requested);
  const Error problem = error_of([] { parse_state("Done"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.hint(), "NotStarted, Queued"));
}

TEST_CASE("a run walks through its stages one by one", "[history]") {
  const std::vector<State> walk{State::not_started, State::queued,     State::preparing,
                                State::running,     State::finalizing, State::completed};
  for (std::size_t i = 0; i < walk.size(); ++i)
    for (std::size_t j = 0; j < walk.size(); ++j) {
      CAPTURE(name_of(walk[i]), name_of(walk[j]));
      const bool same_living = i == j && !is_terminal(walk[i]);
      const bool again = walk[j] == State::queued && !is_terminal(walk[i]);  // from its beginning
      CHECK(may_follow(walk[i], walk[j]) == (j == i + 1 || same_living || again));
    }
}

TEST_CASE("a living run may fail or be canceled at any stage, an ended one stays as it is", "[history]") {
  for (const State state : kLiving) {
    CAPTURE(name_of(state));
    CHECK(may_follow(state, State::failed));
    CHECK(may_follow(state, State::canceled));
    CHECK(may_follow(state, State::cancel_requested));
  }
  for (const State ended : kEnded)
    for (const auto& states : {kLiving, kEnded})
      for (const State state : states) CHECK_FALSE(may_follow(ended, state));
  CHECK_FALSE(may_follow(State::cancel_requested, State::running));
  CHECK(may_follow(State::cancel_requested, State::finalizing));
}

TEST_CASE("a run is what its supervisor last said while that one holds the lock or lives", "[history]") {
  for (const State state : kLiving) {
    CHECK(settle(state, {.lock_held = true, .same_boot = true, .supervisor_alive = true}).state == state);
    CHECK(settle(state, {.lock_held = true, .same_boot = false, .supervisor_alive = false}).state == state);
    CHECK(settle(state, {.lock_held = false, .same_boot = true, .supervisor_alive = true}).state == state);
  }
}

TEST_CASE("a run without a supervisor has failed, with the reason", "[history]") {
  const Transition lost = settle(State::running, {.lock_held = false});
  CHECK(lost.state == State::failed);
  CHECK(lost.reason == "its supervisor process was lost while the run was Running");
  const Transition rebooted = settle(State::queued, {.lock_held = false, .same_boot = false});
  CHECK(rebooted.state == State::failed);
  CHECK(rebooted.reason == "the machine was restarted while the run was Queued");
  // After a restart another process may have the same pid.
  CHECK(settle(State::queued, {.same_boot = false, .supervisor_alive = true}).state == State::failed);
}

TEST_CASE("how a supervisor ended is told where it was seen", "[history]") {
  const Transition killed = settle(State::running, {.supervisor_end = ExitStatus{0, 9}});
  CHECK(killed.reason == "its supervisor process was killed by signal 9 (SIGKILL) while the run was Running");
  CHECK(killed.cause == "supervisor_killed");
  const Transition ended = settle(State::queued, {.supervisor_end = ExitStatus{7, 0}});
  CHECK(ended.reason == "its supervisor process ended with exit code 7 while the run was Queued");
  CHECK(settle(State::running, {.same_boot = false}).cause == "machine_restarted");
  CHECK(settle(State::running, {}).cause == "supervisor_lost");
}

TEST_CASE("of a run on another machine that shares the store nothing is concluded here", "[history]") {
  for (const State state : kLiving)
    CHECK(settle(state, {.elsewhere = true, .same_boot = false}).state == state);
}

TEST_CASE("a run that was being canceled when its supervisor went is canceled", "[history]") {
  CHECK(settle(State::cancel_requested, {}).state == State::canceled);
  CHECK(settle(State::cancel_requested, {.same_boot = false}).state == State::canceled);
}

TEST_CASE("an ended run needs no supervisor", "[history]") {
  for (const State state : kEnded) {
    CHECK(settle(state, {}).state == state);
    CHECK(settle(state, {.same_boot = false}).reason.empty());
  }
}

TEST_CASE("a run of Slurm's is what Slurm says of its job", "[history]") {
  const auto says = [](const char* state, const char* reason = "") {
    return SlurmEvidence{"", SlurmJob{"12", "run", state, reason, ""}};
  };
  for (const State last :
       {State::not_started, State::queued, State::preparing, State::running, State::finalizing}) {
    CAPTURE(name_of(last));
    const Transition waits = settle_by_slurm(last, says("PENDING", "Resources"));
    CHECK(waits.state == State::queued);
    CHECK(waits.reason == "Slurm job 12: Resources");
    CHECK(settle_by_slurm(last, says("RUNNING")).state == std::max(last, State::queued));
    CHECK(settle_by_slurm(last, says("NEVER_HEARD_OF")).state == std::max(last, State::queued));
    CHECK(settle_by_slurm(last, says("CANCELLED")).state == State::canceled);
    const std::vector<std::pair<const char*, const char*>> causes{
        {"TIMEOUT", "time_limit"},       {"DEADLINE", "time_limit"},         {"NODE_FAIL", "node_failed"},
        {"PREEMPTED", "preempted"},      {"OUT_OF_MEMORY", "out_of_memory"}, {"FAILED", "supervisor_lost"},
        {"COMPLETED", "supervisor_lost"}};
    for (const auto& [state, cause] : causes) {
      CHECK(settle_by_slurm(last, says(state)).state == State::failed);
      CHECK(settle_by_slurm(last, says(state)).cause == cause);
    }
  }
  for (const State ended : kEnded) CHECK(settle_by_slurm(ended, says("RUNNING")).state == ended);
}

TEST_CASE("without Slurm's answer nothing is concluded, and that is said", "[history]") {
  for (const State last : kLiving) {
    const Transition kept = settle_by_slurm(last, {.problem = "no controller", .job = {}});
    CHECK(kept.state == last);
    CHECK(contains(kept.reason, "no controller"));
  }
}

TEST_CASE("a job that Slurm doesn't know is lost, or never was one", "[history]") {
  const Transition lost = settle_by_slurm(State::running, {.problem = "", .job = {}});
  CHECK(lost.state == State::failed);
  CHECK(lost.cause == "supervisor_lost");
  const Transition never =
      settle_by_slurm(State::not_started, {.problem = "", .job = {}, .was_submitted = false});
  CHECK(never.state == State::failed);
  CHECK(never.cause == "never_submitted");
}

TEST_CASE("a run that was being canceled in Slurm is canceled when its job has ended, however", "[history]") {
  const auto says = [](const char* state) { return SlurmEvidence{"", SlurmJob{"12", "run", state, "", ""}}; };
  for (const char* state : {"FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"})
    CHECK(settle_by_slurm(State::cancel_requested, says(state)).state == State::canceled);
  for (const char* state : {"PENDING", "RUNNING"})
    CHECK(settle_by_slurm(State::cancel_requested, says(state)).state == State::cancel_requested);
}
