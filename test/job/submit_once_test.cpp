#include "job/submit_once.hpp"

#include <catch2/catch.hpp>
#include <list>

#include "job/run_fixture.hpp"
#include "support/children.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

using test::Runs;

JobDefinition job_of(const Runs& runs, const std::string& command) {
  JobDefinition job;
  job.command = command;
  return resolve_job(runs.workspace, job);
}

SubmittedOnce submit_with(const Runs& runs, const std::string& key, const std::string& command = "true") {
  return submit_once(runs.workspace, key, job_of(runs, command), [&](const JobDefinition& ready) {
    return submit(runs.workspace, ready, Runs::program());
  });
}

}  // namespace

TEST_CASE("a key makes one run, another key another", "[job]") {
  const Runs runs;
  const std::string odd = "../x/\n\t\xC3\xA4 of any length " + std::string(900, 'k');
  const SubmittedOnce first = submit_with(runs, odd);
  CHECK(first.is_new);
  const SubmittedOnce second = submit_with(runs, odd, "false");
  CHECK_FALSE(second.is_new);
  CHECK(second.run == first.run);
  CHECK(submit_with(runs, "other").run != first.run);
  CHECK(runs.workspace.runs().size() == 2);
  CHECK(runs.wait(first.run).state == State::completed);
  CHECK(submit_with(runs, odd).run == first.run);  // also when it has ended
}

TEST_CASE("shells that race with one key get one run", "[job]") {
  const Runs runs;
  std::list<test::Child> shells;
  for (int count = 0; count < 4; ++count) {
    shells.emplace_back([&](int pipe) {
      std::string run;
      try {
        run = submit_with(runs, "key").run;
      } catch (const Error& problem) {
        run = problem.what();
      }
      if (write(pipe, run.data(), run.size()) < 0) _exit(1);
    });
  }
  std::vector<std::string> answers;
  for (test::Child& shell : shells) answers.push_back(shell.message());
  REQUIRE(runs.workspace.runs().size() == 1);
  CHECK(answers == std::vector<std::string>(4, runs.workspace.runs().front()));
}

TEST_CASE("a run that a killed submit left without a supervisor is replaced", "[job]") {
  const Runs runs;
  RunId left;
  try {
    submit_once(runs.workspace, "key", job_of(runs, "true"), [&](const JobDefinition& job) -> RunId {
      RunDefinition definition;
      definition.id = left = job.name;
      definition.experiment = job.experiment_name;
      definition.compute = job.compute;
      definition.job = job;
      RunWriter::create(runs.workspace, definition);
      throw std::runtime_error("killed");
    });
  } catch (const std::runtime_error&) {
  }
  const SubmittedOnce again = submit_with(runs, "key");
  CHECK(again.is_new);
  CHECK(again.run != left);
  CHECK(read_run(runs.workspace, left).state == State::failed);
  CHECK(submit_with(runs, "key").run == again.run);
}

TEST_CASE("a key whose run was never made, or was deleted, makes a new one", "[job]") {
  const Runs runs;
  CHECK(test::error_of([&] {
          submit_once(runs.workspace, "key", job_of(runs, "true"),
                      [](const JobDefinition&) -> RunId { throw Error(category::environment, "disk full"); });
        }).kind() == category::environment);
  const SubmittedOnce first = submit_with(runs, "key");
  CHECK(first.is_new);
  runs.wait(first.run);
  std::filesystem::remove_all(runs.workspace.run_folder(first.run));
  const SubmittedOnce second = submit_with(runs, "key");
  CHECK(second.is_new);
  CHECK(second.run != first.run);
}

TEST_CASE("a key does not give a run that was made without it", "[job]") {
  const Runs runs;
  JobDefinition job = job_of(runs, "true");
  job.name = "mine";
  const auto start = [&](const JobDefinition& ready) {
    return submit(runs.workspace, ready, Runs::program());
  };
  REQUIRE(submit_once(runs.workspace, "first", job, start).run == "mine");
  CHECK(test::error_of([&] { submit_once(runs.workspace, "second", job, start); }).kind() ==
        category::conflict);
  // Also where another submit takes the name once this one has looked.
  job.name = "late";
  const auto too_late = [&](const JobDefinition& ready) {
    start(ready);
    return start(ready);
  };
  CHECK(test::error_of([&] { submit_once(runs.workspace, "second", job, too_late); }).kind() ==
        category::conflict);
  job.name = "other";
  const SubmittedOnce made = submit_once(runs.workspace, "second", job, start);
  CHECK(made.is_new);
  CHECK(made.run == "other");
}

TEST_CASE("a key without length or beyond all is refused", "[job]") {
  const Runs runs;
  CHECK(test::error_of([&] { submit_with(runs, ""); }).kind() == category::bad_input);
  CHECK(test::error_of([&] { submit_with(runs, std::string(1025, 'k')); }).kind() == category::bad_input);
  CHECK(runs.workspace.runs().empty());
}

}  // namespace amltrain
