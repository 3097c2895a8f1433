#include "job/follow.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "job/run_fixture.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

using test::error_of;
using test::Runs;
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the log is streamed in whole lines while the run runs, with the unended last one at its end",
          "[job]") {
  const Runs runs;
  const RunId id =
      runs.submit_command("printf 'one\\ntwo'; while [ ! -e go ]; do sleep 0.02; done; printf '\\nthree'");
  Lines lines;
  FollowOptions options;
  options.timeout = test::kPatience;
  options.on_log = [&](const RunId& run, const LogLine& line) {
    CHECK(run == id);
    CHECK(line.number == lines.size() + 1);
    CHECK_FALSE(line.several_ranks);
    // The worker goes on only because its first line was seen before its end.
    if (lines.empty()) test::write_plain(runs.workspace.run_folder(id) / "go", "");
    lines.push_back(line.text);
  };
  CHECK(wait_for_runs(runs.workspace, {id}, options).at(0).state == State::completed);
  CHECK(lines == Lines{"one", "two", "three"});
}

TEST_CASE("events are passed on once each, in order", "[job]") {
  const Runs runs;
  std::string states;
  FollowOptions options;
  options.timeout = test::kPatience;
  options.on_event = [&](const RunId&, const Event& event) {
    states += std::string(name_of(event.state)) + ' ';
  };
  wait_for_runs(runs.workspace, {runs.submit_command("true")}, options);
  CHECK(states == "NotStarted Queued Preparing Running Finalizing Completed ");
}

TEST_CASE("several runs are followed at once and returned in the order asked for", "[job]") {
  const Runs runs;
  runs.add_compute("wide", 3);
  std::vector<RunId> ids;
  for (const char* command : {"echo a; sleep 0.2", "echo b; exit 3", "echo c"}) {
    JobDefinition job;
    job.command = command;
    job.compute = "wide";
    ids.push_back(runs.submit_job(job));
  }
  std::map<RunId, Lines> logs;
  FollowOptions options;
  options.timeout = test::kPatience;
  options.on_log = [&](const RunId& run, const LogLine& line) { logs[run].push_back(line.text); };
  const auto records = wait_for_runs(runs.workspace, ids, options);
  REQUIRE(records.size() == 3);
  CHECK(records[0].state == State::completed);
  CHECK(records[1].exit_code == 3);
  CHECK(logs == std::map<RunId, Lines>{{ids[0], {"a"}}, {ids[1], {"b"}}, {ids[2], {"c"}}});
}

TEST_CASE("a wait for any of several runs returns those that have ended", "[job]") {
  const Runs runs;
  runs.add_compute("wide", 2);
  std::vector<RunId> ids;
  for (const char* command : {"sleep 1000", "exit 3"}) {
    JobDefinition job;
    job.command = command;
    job.compute = "wide";
    ids.push_back(runs.submit_job(job));
  }
  FollowOptions options;
  options.timeout = test::kPatience;
  options.until = Until::any_ended;
  const auto records = wait_for_runs(runs.workspace, ids, options);
  REQUIRE(records.size() == 1);
  CHECK(records[0].definition.id == ids[1]);
  CHECK_FALSE(is_terminal(read_run(runs.workspace, ids[0]).state));
}

TEST_CASE("each rank's log is followed as it appears, from the line asked for", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command(
      "echo zero; printf 'a\\nb\\nc\\n' > logs/rank-10.log; echo no > logs/rank-x.log; echo d > "
      "logs/rank-2.log");
  runs.wait(id);
  CHECK(ranks_with_logs(RunPaths(runs.workspace, id)) == std::vector<int>{0, 2, 10});
  std::map<int, Lines> logs;
  FollowOptions options;
  options.from_line = 2;
  options.on_log = [&](const RunId&, const LogLine& line) {
    CHECK(line.several_ranks);
    logs[line.rank].push_back(std::to_string(line.number) + line.text);
  };
  wait_for_runs(runs.workspace, {id}, options);
  CHECK(logs == std::map<int, Lines>{{10, {"2b", "3c"}}});
  logs.clear();
  options.from_line = 1;
  options.rank = 2;
  options.on_log = [&](const RunId&, const LogLine& line) { logs[line.rank].push_back(line.text); };
  wait_for_runs(runs.workspace, {id}, options);
  CHECK(logs == std::map<int, Lines>{{2, {"d"}}});
}

TEST_CASE("a wait that times out or is stopped leaves the run running", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("sleep 1000");
  FollowOptions options;
  category expected = category::timed_out;
  SECTION("timed out") { options.timeout = std::chrono::milliseconds(50); }
  SECTION("stopped") {
    options.stop = [] { return true; };
    expected = category::canceled;
  }
  CHECK(error_of([&] { wait_for_runs(runs.workspace, {id}, options); }).kind() == expected);
  CHECK_FALSE(is_terminal(read_run(runs.workspace, id).state));
}

TEST_CASE("waiting for a run that is not there is an error at once", "[job]") {
  const Runs runs;
  CHECK(error_of([&] { wait_for_runs(runs.workspace, {"nothing"}, {}); }).kind() == category::not_found);
}

TEST_CASE("a run whose last event is torn is settled when its supervisor is gone", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("echo up; exec sleep 1000");
  runs.await_log(id, "up");
  const RunRecord before = runs.await_state(id, State::running);
  kill(before.supervisor->pid, SIGKILL);
  std::ofstream(RunPaths(runs.workspace, id).events(), std::ios::app) << "{\"time\": \"2026-";
  const RunRecord run = runs.wait(id);
  CHECK(run.state == State::failed);
  CHECK(runs.states(id) == "NotStarted Queued Preparing Running Failed ");
}

}  // namespace amltrain
