// No process of a run outlives it: scripts that fork as daemons do, and kills of those who should end them.
#include <catch2/catch.hpp>
#include <sstream>

#include "compute/lease.hpp"
#include "job/run_fixture.hpp"
#include "support/children.hpp"
#include "support/process_tree.hpp"

namespace amltrain {
namespace {

using test::Runs;

/// Four processes that their parents have left, each in its own way; a line with its pid is in the log of
/// each.
constexpr const char* kDaemons =
    "sleep 1000 & echo left $!; "
    "( (sleep 1000 & echo left $!) & ); "
    "( (setsid sh -c 'trap \"\" TERM HUP INT; echo left $$; while :; do sleep 1; done' & ) & ); "
    "setsid sh -c 'trap \"\" TERM; setsid sleep 1000 & echo left $!; wait' & ";
constexpr std::size_t kDaemonCount = 4;

std::vector<pid_t> daemons_of(const Runs& runs, const RunId& id) {
  std::istringstream words(runs.log(id));
  std::vector<pid_t> pids;
  for (std::string word; words >> word;) {
    pid_t pid = 0;
    if (word == "left" && words >> pid) pids.push_back(pid);
  }
  return pids;
}

struct Started {
  RunRecord run;
  std::vector<pid_t> processes;  // the worker and all daemons
};

Started start(const Runs& runs, const std::string& rest) {
  const RunId id = runs.submit_command(kDaemons + rest);
  Started started;
  started.run = runs.await(
      id, [&](const RunRecord& run) { return run.worker && daemons_of(runs, id).size() == kDaemonCount; });
  started.processes = daemons_of(runs, id);
  started.processes.push_back(started.run.worker->pid);
  return started;
}

pid_t keeper_of(const RunRecord& run) { return parent_of(run.supervisor->pid); }

void check_all_gone(const Started& started) {
  for (const pid_t pid : started.processes) CHECK_FALSE(identify(pid));
}

}  // namespace

TEST_CASE("a run that ends by itself leaves no process", "[job]") {
  const Runs runs;
  const Started started =
      start(runs, "while [ ! -e go ]; do sleep 0.02; done");  // so that all of them are seen before the end
  test::write_plain(runs.workspace.run_folder(started.run.definition.id) / "go", "");
  CHECK(runs.wait(started.run.definition.id).state == State::completed);
  check_all_gone(started);
}

TEST_CASE("a run that is canceled leaves no process", "[job]") {
  const Runs runs;
  const Started started = start(runs, "wait");
  // Who ignores SIGTERM has the grace; a second supervisor's request is not waited for here.
  const RunRecord run = cancel_run(runs.workspace, started.run.definition.id, test::kPatience);
  CHECK(run.state == State::canceled);
  check_all_gone(started);
}

TEST_CASE("a run that is canceled ends also when its command and what that started ignore it", "[job]") {
  const Runs runs;
  const Started started = start(runs, "trap '' TERM; while :; do sleep 1; done");
  CHECK(cancel_run(runs.workspace, started.run.definition.id, test::kPatience).state == State::canceled);
  check_all_gone(started);
}

TEST_CASE("a run whose supervisor is killed leaves no process, and says by which signal", "[job]") {
  const Runs runs;
  const Started started = start(runs, "wait");
  REQUIRE(kill(started.run.supervisor->pid, SIGKILL) == 0);
  const RunRecord run = runs.wait(started.run.definition.id);
  CHECK(run.state == State::failed);
  CHECK(run.reason == "its supervisor process was killed by signal 9 (SIGKILL) while the run was Running");
  check_all_gone(started);
}

TEST_CASE("a run whose keeper is killed goes on, and leaves no process at its end", "[job]") {
  const Runs runs;
  const Started started = start(runs, "while [ ! -e go ]; do sleep 0.02; done; exit 3");
  const pid_t keeper = keeper_of(started.run);
  REQUIRE(kill(keeper, SIGKILL) == 0);
  CHECK(test::ends_in_time(keeper));
  CHECK(read_run(runs.workspace, started.run.definition.id).state == State::running);
  test::write_plain(runs.workspace.run_folder(started.run.definition.id) / "go", "");
  const RunRecord run = runs.wait(started.run.definition.id);
  CHECK(run.exit_code == 3);
  check_all_gone(started);
}

TEST_CASE("when supervisor and keeper are killed together, whoever looks ends what is left, then the run",
          "[job]") {
  const Runs runs;
  const Started started = start(runs, "wait");
  const pid_t keeper = keeper_of(started.run);
  REQUIRE(kill(keeper, SIGSTOP) == 0);  // or it could do its work in between
  REQUIRE(kill(started.run.supervisor->pid, SIGKILL) == 0);
  REQUIRE(kill(keeper, SIGKILL) == 0);
  CHECK(test::ends_in_time(started.run.supervisor->pid));
  CHECK(test::ends_in_time(keeper));
  const RunRecord run = read_run(runs.workspace, started.run.definition.id);
  CHECK(run.state == State::failed);
  CHECK(run.reason == "its supervisor process was lost while the run was Running");
  check_all_gone(started);
}

TEST_CASE("a slot is not free before the processes of a killed supervisor's run have gone", "[job]") {
  const Runs runs;
  const Started started = start(runs, "wait");
  const pid_t keeper = keeper_of(started.run);
  const ComputeTarget target = read_compute(runs.workspace, "local");
  REQUIRE(kill(keeper, SIGSTOP) == 0);
  REQUIRE(kill(started.run.supervisor->pid, SIGKILL) == 0);
  CHECK(test::ends_in_time(started.run.supervisor->pid));
  CHECK(slots_in_use(runs.workspace, target) == 1);
  CHECK(read_run(runs.workspace, started.run.definition.id).state == State::running);
  REQUIRE(kill(keeper, SIGCONT) == 0);
  CHECK(runs.wait(started.run.definition.id).state == State::failed);
  CHECK(test::ends_in_time(keeper));
  CHECK(slots_in_use(runs.workspace, target) == 0);
}

TEST_CASE("what has left the worker's group is asked to end too, and has the grace", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command(
      "setsid sh -c 'trap \"echo saved; exit 0\" TERM; echo up; while :; do sleep 0.05; done' & wait");
  runs.await_log(id, "up");
  CHECK(cancel_run(runs.workspace, id, test::kPatience).state == State::canceled);
  CHECK(runs.log(id).ends_with("saved\n"));  // before it a shell may tell of the signal
}

}  // namespace amltrain
