#include "job/working_folder.hpp"

#include <catch2/catch.hpp>

#include "job/run_fixture.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;
using test::Runs;

struct SourceRuns : Runs {
  test::TemporaryFolder source;

  RunRecord run_source(const std::string& command) const {
    JobDefinition job;
    job.command = command;
    job.code = source.path().string();
    return wait(submit_job(job));
  }
  RunPaths paths(const RunRecord& run) const { return {workspace, run.definition.id}; }
};

}  // namespace

TEST_CASE("a command with source works in a copy of it, as it was when it was submitted", "[job]") {
  const SourceRuns runs;
  test::write_plain(runs.source / "a", "before");
  const RunRecord run = runs.run_source("cat a; echo after > a; pwd -P");
  CHECK(run.state == State::completed);
  CHECK(runs.log(run.definition.id) == "before" + runs.paths(run).code().string() + "\n");
  CHECK(test::read_plain(runs.source / "a") == "before");
  CHECK(run.definition.snapshot.size() == 64);
}

TEST_CASE("results are the run's, whether the command keeps its folders or makes them anew", "[job]") {
  const SourceRuns runs;
  test::write_plain(runs.source / "a", "");
  const std::string command =
      GENERATE(as<std::string>{}, "echo 1 > outputs/x; echo 2 > logs/y",
               "rm -rf outputs logs; mkdir outputs logs; echo 1 > outputs/x; echo 2 > logs/y",
               "mkdir -p o/sub && echo 0 > outputs/x; rm outputs; mv o outputs; "
               "echo 1 > outputs/x; echo 2 > logs/y; echo 3 > outputs/sub/z");
  const RunRecord run = runs.run_source(command);
  REQUIRE(run.state == State::completed);
  CHECK(test::read_plain(runs.paths(run).outputs() / "x") == "1\n");
  CHECK(test::read_plain(runs.paths(run).logs() / "y") == "2\n");
  CHECK(run.summary.outputs.front().path ==
        (fs::exists(runs.paths(run).outputs() / "sub") ? "outputs/sub/z" : "outputs/x"));
}

TEST_CASE("a link to a file of the results is kept as a file, and what can't be kept is told", "[job]") {
  const Runs runs;
  const RunRecord run =
      runs.wait(runs.submit_command("cd outputs; echo w > epoch3.pt; ln -s epoch3.pt best.pt; mkdir ck; ln "
                                    "-s ck last; ln -s /etc/passwd out; "
                                    "touch $(printf 'x\\377')"));
  CHECK(run.state == State::completed);
  REQUIRE(run.summary.outputs.size() == 2);
  CHECK(run.summary.outputs[0].path == "outputs/best.pt");
  CHECK(run.summary.outputs[0].sha256 == run.summary.outputs[1].sha256);
  const RunPaths paths(runs.workspace, run.definition.id);
  CHECK_FALSE(fs::is_symlink(paths.outputs() / "best.pt"));
  CHECK(fs::is_symlink(paths.outputs() / "out"));
  for (const char* const name : {"outputs/last (a link)", "outputs/out (a link)", "(its name is not UTF-8)"})
    CHECK(run.reason.find(name) != std::string::npos);
}

TEST_CASE("outputs that a command replaced by a link are kept where it leads to the run's, and else told",
          "[job]") {
  const SourceRuns runs;
  test::write_plain(runs.source / "a", "");
  const auto [command, reason, kept] = GENERATE(table<std::string, std::string, std::size_t>(
      {{"mkdir o; rm outputs; ln -s o outputs; echo 1 > outputs/x",
        "not kept as results: outputs (replaced by a link that leads elsewhere)", 0},
       {"rm outputs; ln -s o outputs",
        "not kept as results: outputs (replaced by a link that leads elsewhere)", 0},
       {"rm outputs; echo 1 > outputs", "not kept as results: outputs (replaced by what is no folder)", 0},
       {"rm outputs; mkdir ../outputs/sub; ln -s \"$(realpath ../outputs)/sub\" outputs; echo 1 > outputs/x",
        "", 1},
       {"cd ..; mv outputs o; ln -s o outputs; echo 1 > outputs/x; touch o/y; ln -s y o/z",
        "not kept as results: outputs (a link)", 0}}));
  const RunRecord run = runs.run_source(command);
  CHECK(run.state == State::completed);
  CHECK(run.reason == reason);
  CHECK(run.summary.outputs.size() == kept);
  CHECK_FALSE(fs::is_regular_file(fs::symlink_status(runs.paths(run).folder / "o" / "z")));
}

TEST_CASE("a link in place of outputs is not followed", "[job]") {
  const SourceRuns runs;
  test::write_plain(runs.source / "a", "");
  test::write_plain(runs.folder / "secret", "x");
  const RunRecord run = runs.run_source("rm outputs; ln -s " + runs.folder.path().string() + " outputs");
  CHECK(run.state == State::completed);
  CHECK(run.summary.outputs.empty());
  CHECK(fs::exists(runs.folder / "secret"));
}

TEST_CASE("a source that was submitted is run even when it is gone before the run begins", "[job]") {
  const SourceRuns runs;
  ComputeTarget one;
  one.name = "one";
  ensure_compute(runs.workspace, one);
  JobDefinition first;
  first.command = "sleep 1000";
  first.compute = "one";
  const RunId before = runs.submit_job(first);
  runs.await_state(before, State::running);
  test::write_plain(runs.source / "a", "still here");
  JobDefinition second;
  second.command = "cat a";
  second.compute = "one";
  second.code = runs.source.path().string();
  const RunId id = runs.submit_job(second);
  fs::remove(runs.source / "a");
  cancel_run(runs.workspace, before, test::kPatience);
  CHECK(runs.wait(id).state == State::completed);
  CHECK(runs.log(id) == "still here");
}

}  // namespace amltrain
