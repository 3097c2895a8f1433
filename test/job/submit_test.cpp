#include "job/submit.hpp"

#include <catch2/catch.hpp>

#include "history/experiment.hpp"
#include "job/run_fixture.hpp"
#include "support/children.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

using test::error_of;
using test::Runs;

JobDefinition job_of(const std::string& command) {
  JobDefinition job;
  job.command = command;
  return job;
}

}  // namespace

TEST_CASE("a job without them gets the workspace's experiment and the local target", "[job]") {
  const Runs runs;
  const JobDefinition job = resolve_job(runs.workspace, job_of("true"));
  CHECK(job.experiment_name == "test");
  CHECK(job.compute == "local");
  CHECK(read_compute(runs.workspace, "local").max_nodes == 1);
  const RunId id = submit(runs.workspace, job, Runs::program());
  CHECK(id.starts_with("test_"));
  CHECK(read_experiment(runs.workspace, "test").name == "test");
  CHECK(json(parse_job(runs.wait(id).definition.job)) == json(job));
}

TEST_CASE("what can be known to fail is refused before a run exists", "[job]") {
  const Runs runs;
  JobDefinition job = job_of("true");
  category expected = category::bad_input;
  SECTION("no command") { job.command = ""; }
  SECTION("an experiment that can't be a name") { job.experiment_name = "a/b"; }
  SECTION("a compute target that is not there") {
    job.compute = "gpu-cluster";
    expected = category::not_found;
  }
  SECTION("a path that is not there") {
    job.inputs["data"] = {"uri_folder", "/nowhere"};
    expected = category::not_found;
  }
  SECTION("data that is not there") {
    job.inputs["data"] = {"uri_folder", "azureml:birds:1"};
    expected = category::not_found;
  }
  SECTION("a file where a folder is declared") {
    test::write_plain(runs.folder / "file", "");
    job.inputs["data"] = {"uri_folder", runs.folder / "file"};
  }
  SECTION("going on with fewer nodes where none can be lost alone") {
    runs.add_compute("two", 2);
    job.compute = "two";
    job.nodes = 2;
    job.min_nodes = 1;
  }
  SECTION("a placeholder that is not defined") { job.command = "x ${{inputs.data}}"; }
  SECTION("a folder that holds no images, for the trainer") {
    std::filesystem::create_directory(runs.folder / "empty");
    job = trainer_job({}, runs.folder / "empty");
  }
  CHECK(error_of([&] { runs.submit_job(job); }).kind() == expected);
  CHECK(runs.workspace.runs().empty());
}

TEST_CASE("a run may have the name that its job gives, once", "[job]") {
  const Runs runs;
  JobDefinition job = job_of("true");
  job.name = "nightly-7";
  CHECK(runs.submit_job(job) == "nightly-7");
  const Error taken = error_of([&] { runs.submit_job(job); });
  CHECK(taken.kind() == category::conflict);
  CHECK(std::string(taken.what()) == "there is a run 'nightly-7' already");
  CHECK(test::contains(taken.hint(), "--set name="));
  CHECK(runs.wait("nightly-7").state == State::completed);
}

TEST_CASE("submit returns while the run runs", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("sleep 1000");
  CHECK_FALSE(is_terminal(read_run(runs.workspace, id).state));
  CHECK(read_run(runs.workspace, id).supervisor);
}

TEST_CASE("a supervisor that can't start, or ends at once, ends the run with a clear error", "[job]") {
  const Runs runs;
  const JobDefinition job = resolve_job(runs.workspace, job_of("true"));
  const std::string program = GENERATE(as<std::string>{}, "/nowhere/amltrain", "/bin/false");
  const Error problem = error_of([&] { submit(runs.workspace, job, program); });
  CHECK(problem.kind() == category::environment);
  REQUIRE(runs.workspace.runs().size() == 1);
  const RunRecord run = read_run(runs.workspace, runs.workspace.runs().front());
  CHECK(run.state == State::failed);
  CHECK(std::string(problem.what()).find(run.definition.id) != std::string::npos);
  REQUIRE(run.failure);
  CHECK(run.failure->stage == "NotStarted");
}

TEST_CASE("a run outlives the session and the death of its submitter", "[job]") {
  const Runs runs;
  const JobDefinition job = resolve_job(runs.workspace, job_of("echo up; sleep 0.3; echo done"));
  // The submitter leads a session, as a terminal's shell does, and all of its group gets the terminal's
  // SIGHUP.
  test::Child submitter([&](int pipe) {
    setsid();
    const RunId id = submit(runs.workspace, job, Runs::program());
    if (write(pipe, id.data(), id.size()) < 0) _exit(1);
  });
  const RunId id = submitter.message();
  REQUIRE(kill(-submitter.pid(), SIGHUP) == 0);
  submitter.kill_now();
  CHECK(runs.wait(id).state == State::completed);
  CHECK(runs.log(id) == "up\ndone\n");
}

}  // namespace amltrain
