#include <catch2/catch.hpp>

#include "job/run_fixture.hpp"
#include "support/children.hpp"
#include "support/errors.hpp"
#include "support/sealed.hpp"
#include "support/stand_ins.hpp"

namespace amltrain {
namespace {

using test::Runs;

}  // namespace

TEST_CASE("a canceled worker is asked first and may save what it has", "[job]") {
  const Runs runs;
  const RunId id =
      runs.submit_command("trap 'echo saved > outputs/last.pt; exit 4' TERM; echo up; sleep 1000 & wait");
  runs.await_log(id, "up");
  const RunRecord run = cancel_run(runs.workspace, id, test::kPatience);
  CHECK(run.state == State::canceled);
  CHECK(run.exit_code == 4);
  CHECK(run.reason == "canceled on request");
  CHECK(exit_code_of(run) == 4);
  CHECK(runs.states(id) == "NotStarted Queued Preparing Running CancelRequested Canceled ");
  REQUIRE(runs.wait(id).summary.outputs.size() == 1);
}

TEST_CASE("a worker that ignores the request is killed after the grace", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("trap '' TERM; echo up; while :; do sleep 1; done");
  runs.await_log(id, "up");
  const RunRecord before = runs.await(id, [](const RunRecord& run) { return run.worker.has_value(); });
  const RunRecord run = cancel_run(runs.workspace, id, test::kPatience);
  CHECK(run.state == State::canceled);
  CHECK_FALSE(run.exit_code);
  CHECK_FALSE(identify(before.worker->pid));
  const auto took = *run.ended_at - *run.started_at;
  CHECK(took >= std::chrono::seconds(10));
  CHECK(took < std::chrono::seconds(20));
}

TEST_CASE("a stopped worker is canceled as well", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("echo up; kill -STOP $$; sleep 1000");
  runs.await_log(id, "up");
  CHECK(cancel_run(runs.workspace, id, test::kPatience).state == State::canceled);
}

TEST_CASE("a run that is canceled before its worker starts again keeps what it made", "[job]") {
  const Runs runs;
  JobDefinition job;
  job.command = "echo model > outputs/model.pt; amltrain fail 7 'disk full'";
  job.max_restarts = 9;
  const RunId id = runs.submit_job(job);
  runs.await(id, [&](const RunRecord&) {  // two seconds pass before the third start
    const std::string log = runs.log(id);
    return log.find("full") != log.rfind("full");
  });
  CHECK(cancel_run(runs.workspace, id, test::kPatience).state == State::canceled);
  CHECK(std::filesystem::exists(RunPaths(runs.workspace, id).summary()));
}

TEST_CASE("a cancel doesn't wait for what ranks on other hosts may still write down", "[job]") {
  const test::StandIns programs;
  const std::filesystem::path ended = programs.folder() / "ended";
  programs.add("mpirun", "test \"$1\" = --version || >" + ended.string());
  const Runs runs;
  ComputeTarget lab;
  lab.name = "lab";
  lab.kind = "mpi";
  lab.hosts.resize(1);
  lab.hosts[0].name = "n1";
  lab.hosts[0].slots = 1;
  publish_file(runs.workspace.compute_file(lab.name), sealed_text(lab));
  JobDefinition job;
  job.command = "true";
  job.compute = lab.name;
  const RunId id = runs.submit_job(job);
  runs.await(id, [&](const RunRecord&) { return std::filesystem::exists(ended); });
  CHECK(cancel_run(runs.workspace, id, test::kPatience).state == State::canceled);
}

TEST_CASE("a queued run is canceled without ever running", "[job]") {
  const Runs runs;
  const RunId first = runs.submit_command("echo up; sleep 1000");
  const RunId second = runs.submit_command("echo never");
  runs.await_log(first, "up");
  const RunRecord run = cancel_run(runs.workspace, second, test::kPatience);
  CHECK(run.state == State::canceled);
  CHECK_FALSE(run.started_at);
  CHECK(runs.states(second) == "NotStarted Queued CancelRequested Canceled ");
  CHECK(read_run(runs.workspace, first).state == State::running);
}

TEST_CASE("a run that has ended is left as it is", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("true");
  runs.wait(id);
  CHECK(cancel_run(runs.workspace, id, test::kPatience).state == State::completed);
  CHECK(runs.states(id).find("Cancel") == std::string::npos);
}

TEST_CASE("a run without a supervisor is ended by the reader and not waited for", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("echo up; exec sleep 1000");
  runs.await_log(id, "up");
  kill(runs.await_state(id, State::running).supervisor->pid, SIGKILL);
  CHECK(is_terminal(cancel_run(runs.workspace, id, test::kPatience).state));
}

TEST_CASE("a cancel that takes longer than the caller's patience goes on without him", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("trap 'sleep 2; exit 0' TERM; echo up; sleep 1000 & wait");
  runs.await_log(id, "up");
  CHECK(test::error_of([&] { cancel_run(runs.workspace, id, std::chrono::seconds(0)); }).kind() ==
        category::timed_out);
  CHECK(runs.wait(id).state == State::canceled);
}

TEST_CASE("a supervisor that is asked to stop by a signal ends its run as canceled", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("echo up; sleep 1000");
  runs.await_log(id, "up");
  kill(runs.await_state(id, State::running).supervisor->pid, SIGTERM);
  const RunRecord run = runs.wait(id);
  CHECK(run.state == State::canceled);
  CHECK(run.reason.find("signal") != std::string::npos);
}

}  // namespace amltrain
