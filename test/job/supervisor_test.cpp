#include "job/supervisor.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "compute/lease.hpp"
#include "job/run_fixture.hpp"
#include "support/children.hpp"
#include "support/hash.hpp"
#include "support/stand_ins.hpp"

namespace amltrain {
namespace {

using test::Runs;

}  // namespace

TEST_CASE("a run that succeeds walks through all states and keeps what it made", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command(
      "echo hello; echo oops >&2; printf model > outputs/model.pt; "
      "echo '{\"name\": \"val_acc\", \"value\": 0.5}' >> $AMLTRAIN_METRICS");
  const RunRecord run = runs.wait(id);
  CHECK(run.state == State::completed);
  CHECK(run.exit_code == 0);
  CHECK_FALSE(run.failure);
  CHECK(runs.states(id) == "NotStarted Queued Preparing Running Finalizing Completed ");
  CHECK(runs.log(id) == "hello\noops\n");
  REQUIRE(run.summary.outputs.size() == 1);
  CHECK(run.summary.outputs[0] == HashedFile{"outputs/model.pt", 5, sha256_of("model")});
  CHECK(run.summary.metrics.last.at("val_acc").value == 0.5);
  CHECK((run.started_at && run.ended_at && *run.started_at <= *run.ended_at));
}

TEST_CASE("a worker's exit code and last lines are the failure", "[job]") {
  const Runs runs;
  const RunRecord run = runs.run("echo epoch 1; echo no luck >&2; exit 7");
  CHECK(run.state == State::failed);
  CHECK(run.exit_code == 7);
  REQUIRE(run.failure);
  CHECK(run.failure->category == "run_failed");
  CHECK(run.failure->message == "the worker ended with exit code 7\nepoch 1\nno luck");
  CHECK(run.reason == "the worker ended with exit code 7");
  CHECK(exit_code_of(run) == 1);
}

TEST_CASE("a plain amltrain command is this program, and its error the failure", "[job]") {
  const Runs runs;
  const RunRecord run = runs.run("amltrain fail 7 'disk full' 'make room'");
  REQUIRE(run.failure);
  CHECK(run.failure->category == "environment");
  CHECK(run.failure->message == "disk full");
  CHECK(run.failure->hint == "make room");
  CHECK(exit_code_of(run) == 7);
  CHECK(runs.run("set -e; amltrain fail 3 'no such data'; echo never").failure->category == "not_found");
}

TEST_CASE("a run whose ranks mpirun did not start has no exit code, whatever mpirun's is", "[job]") {
  const test::StandIns programs;
  programs.add("mpirun", "exit 0");
  const Runs runs;
  JobDefinition job;
  job.command = "true";
  job.distribution = "mpi";
  job.procs_per_node = 2;
  const RunRecord run = runs.wait(runs.submit_job(job));
  CHECK(run.state == State::failed);
  CHECK_FALSE(run.exit_code);
  REQUIRE(run.failure);
  CHECK(run.failure->category == "environment");
  CHECK(exit_code_of(run) == 7);
}

TEST_CASE("a command that does not exist fails and says so", "[job]") {
  const Runs runs;
  const RunRecord run = runs.run("no-such-program --data x");
  CHECK(run.exit_code == 127);
  REQUIRE(run.failure);
  CHECK(run.failure->hint.find("PATH") != std::string::npos);
}

TEST_CASE("the worker knows its run and has the job's variables", "[job]") {
  const Runs runs;
  runs.add_compute("two-threads", 1, 2);
  JobDefinition job;
  job.compute = "two-threads";
  job.environment_variables = {{"GREETING", "hello there"}, {"RANK", "9"}};
  job.command =
      "pwd; echo $GREETING/$RANK/$WORLD_SIZE/$LOCAL_RANK/$OMP_NUM_THREADS; echo $AMLTRAIN_RUN_ID; "
      "echo $AZUREML_RUN_ID; echo $AMLTRAIN_WORKSPACE; command -v amltrain; cat; echo end";
  const RunId id = runs.submit_job(job);
  CHECK(runs.wait(id).state == State::completed);
  const std::string folder = runs.workspace.run_folder(id).string();
  CHECK(runs.log(id) == folder + "\nhello there/0/1/0/2\n" + id + "\n" + id + "\n" +
                            runs.workspace.root().string() + "\n" + Runs::program().string() + "\nend\n");
}

TEST_CASE("a worker killed from outside is a failure told within two seconds", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("echo up; sleep 1000");
  runs.await_log(id, "up");
  const RunRecord before = runs.await(id, [](const RunRecord& run) { return run.worker.has_value(); });
  const auto killed = std::chrono::steady_clock::now();
  REQUIRE(kill(before.worker->pid, SIGKILL) == 0);
  const RunRecord run = runs.wait(id);
  CHECK(std::chrono::steady_clock::now() - killed < std::chrono::seconds(2));
  CHECK(run.state == State::failed);
  REQUIRE(run.failure);
  CHECK(run.failure->signal == SIGKILL);
  CHECK(run.failure->stage == "Running");
  CHECK_FALSE(run.exit_code);
}

TEST_CASE("with a killed supervisor the worker dies, and a reader says why the run ended", "[job]") {
  const Runs runs;
  const RunId id = runs.submit_command("sleep 1000 & echo $! up; wait");
  const std::string log = runs.await_log(id, " up\n");
  const RunRecord before = runs.await(id, [](const RunRecord& run) { return run.worker.has_value(); });
  REQUIRE(kill(before.supervisor->pid, SIGKILL) == 0);
  const RunRecord run = runs.wait(id);
  CHECK(run.state == State::failed);
  REQUIRE(run.failure);
  CHECK(run.failure->category == "environment");
  CHECK(run.failure->message.find("supervisor") != std::string::npos);
  CHECK(test::ends_in_time(before.worker->pid));
  CHECK(test::ends_in_time(std::stoi(log)));  // and so does what it had started
}

TEST_CASE("what a worker leaves behind is ended with it", "[job]") {
  const Runs runs;
  const RunId id =
      runs.submit_command("setsid sleep 1000 & echo left $!; (sleep 1000 & echo left $! ); exit 0");
  CHECK(runs.wait(id).state == State::completed);
  std::istringstream words(runs.log(id));
  int count = 0;
  for (std::string left; words >> left;) {
    pid_t pid = 0;
    REQUIRE(words >> pid);
    CHECK_FALSE(identify(pid));
    ++count;
  }
  CHECK(count == 2);
}

TEST_CASE("a run ends at its time limit", "[job]") {
  const Runs runs;
  JobDefinition job;
  job.command = "trap 'echo asked; exit 0' TERM; echo up; sleep 1000 & wait";
  job.timeout = std::chrono::seconds(1);
  const RunId id = runs.submit_job(job);
  const RunRecord run = runs.wait(id);
  CHECK(run.state == State::failed);
  REQUIRE(run.failure);
  CHECK(run.failure->category == "timed_out");
  CHECK(exit_code_of(run) == 5);
  CHECK(runs.log(id) == "up\nasked\n");
}

TEST_CASE("data in a folder is named by its content before the worker starts", "[job]") {
  const Runs runs;
  std::filesystem::create_directory(runs.folder / "corpus");
  test::write_plain(runs.folder / "corpus/a.txt", "words");
  JobDefinition job;
  job.command = "cat ${{inputs.data}}/a.txt > ${{outputs.copy}}/b.txt";
  job.inputs["data"] = {"uri_folder", runs.folder / "corpus"};
  job.outputs["copy"] = {};
  const RunRecord run = runs.wait(runs.submit_job(job));
  CHECK(run.state == State::completed);
  REQUIRE(run.definition.data);
  CHECK(run.definition.data->folder == runs.folder / "corpus");
  const std::string content = std::string(
                                  "a.txt\0"
                                  "5\0",
                                  8) +
                              sha256_of("words") + "\n";
  CHECK(run.definition.data->fingerprint == "sha256:" + sha256_of(content));
  REQUIRE(run.summary.outputs.size() == 1);
  CHECK(run.summary.outputs[0].path == "outputs/copy/b.txt");
}

TEST_CASE("data that vanished after the submission fails the run in Preparing", "[job]") {
  const Runs runs;
  std::filesystem::create_directory(runs.folder / "corpus");
  const RunId first = runs.submit_command("echo up; sleep 1000");  // holds the slot
  JobDefinition job;
  job.command = "true ${{inputs.data}}";
  job.inputs["data"] = {"uri_folder", runs.folder / "corpus"};
  const RunId second = runs.submit_job(job);
  std::filesystem::remove(runs.folder / "corpus");
  cancel_run(runs.workspace, first, test::kPatience);
  const RunRecord run = runs.wait(second);
  REQUIRE(run.failure);
  CHECK(run.failure->stage == "Preparing");
  CHECK(run.failure->category == "not_found");
}

TEST_CASE("runs on one slot run one after the other, in the order of their submission", "[job]") {
  const Runs runs;
  const std::string mark = "echo begin >> " + (runs.folder / "marks").string() +
                           "; sleep 0.05; echo end >> " + (runs.folder / "marks").string();
  std::vector<RunId> ids;
  for (int count = 0; count < 4; ++count) ids.push_back(runs.submit_command(mark));
  FollowOptions options;
  options.timeout = test::kPatience;
  const auto records = wait_for_runs(runs.workspace, ids, options);
  for (std::size_t index = 0; index < ids.size(); ++index) {
    CHECK(records[index].definition.id == ids[index]);
    CHECK(records[index].state == State::completed);
    if (index > 0) CHECK(*records[index - 1].ended_at <= *records[index].started_at);
  }
  CHECK(test::read_plain(runs.folder / "marks") == "begin\nend\nbegin\nend\nbegin\nend\nbegin\nend\n");
}

TEST_CASE("a run whose compute target is deleted while it waits fails by name", "[job]") {
  const Runs runs;
  runs.add_compute("gone", 1);
  auto lease = Lease::try_take(runs.workspace, read_compute(runs.workspace, "gone"), {0});
  JobDefinition job;
  job.command = "true";
  job.compute = "gone";
  const RunId id = runs.submit_job(job);
  std::filesystem::remove(runs.workspace.compute_file("gone"));
  lease.reset();
  const RunRecord run = runs.wait(id);
  REQUIRE(run.failure);
  CHECK(run.failure->stage == "Queued");
  CHECK(run.failure->message.find("'gone'") != std::string::npos);
}

}  // namespace amltrain
