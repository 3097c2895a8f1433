#include "history/slurm_view.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "store.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

namespace fs = std::filesystem;

/// While it lives, squeue and scontrol are these: a cluster "lab" whose queue is what queue() says, and that
/// writes down each time that it is asked for it.
class FakeSlurm {
 public:
  explicit FakeSlurm(const Store& store)
      : folder_(store.workspace.root() / "fake"), path_(std::getenv("PATH")) {
    create_folders(folder_);
    tool("squeue", "echo asked >>" + asked().string() + "; cat " + (folder_ / "queue").string());
    tool("scontrol", "echo 'ClusterName             = lab'");
    setenv("PATH", (folder_.string() + ":" + path_).c_str(), 1);
  }
  ~FakeSlurm() { setenv("PATH", path_.c_str(), 1); }
  FakeSlurm(const FakeSlurm&) = delete;
  FakeSlurm& operator=(const FakeSlurm&) = delete;

  void queue(const std::string& lines) const { publish_file(folder_ / "queue", lines); }
  std::size_t times_asked() const {
    return fs::exists(asked()) ? static_cast<std::size_t>(fs::file_size(asked())) / sizeof("asked") : 0;
  }

 private:
  fs::path asked() const { return folder_ / "asked"; }
  void tool(const char* name, const std::string& script) const {
    publish_file(folder_ / name, "#!/bin/sh\n" + script + "\n");
    fs::permissions(folder_ / name, fs::perms::owner_all);
  }
  fs::path folder_;
  std::string path_;
};

/// A run that its submitter has left.
RunId left_run(const Store& store, State state, const std::string& job, const std::string& cluster = "lab") {
  RunDefinition definition;
  definition.experiment = "birds";
  definition.job = json::object();
  definition.slurm_cluster = cluster;
  RunWriter writer = RunWriter::create(store.workspace, std::move(definition));
  for (const State next : {State::queued, State::preparing, State::running}) {
    if (writer.state() >= state) break;
    Event event = Store::event(next);
    event.slurm_job = job;
    writer.record(event);
  }
  return writer.definition().id;
}

}  // namespace

TEST_CASE("Slurm is asked once for all runs of a list, and not for those of this machine", "[history]") {
  const Store store;
  const FakeSlurm slurm(store);
  store.start();
  list_runs(store.workspace, {});
  CHECK(slurm.times_asked() == 0);
  const RunId waits = left_run(store, State::queued, "1"), runs = left_run(store, State::running, "2");
  slurm.queue("1|PENDING|Priority||" + waits + "|/runs/" + waits + "\n2|RUNNING|None|n1|" + runs + "|/runs/" +
              runs + "\n");
  for (const RunRecord& run : list_runs(store.workspace, {})) {
    if (run.definition.id == waits) CHECK(run.reason == "Slurm job 1: Priority");
    if (run.definition.id == runs) CHECK(run.state == State::running);
  }
  CHECK(slurm.times_asked() == 1);
  CHECK(read_events(RunPaths(store.workspace, waits)).size() ==
        2);  // what it waits for is told, not recorded
}

TEST_CASE("the end that Slurm tells of is recorded once", "[history]") {
  const Store store;
  const FakeSlurm slurm(store);
  const RunId id = left_run(store, State::running, "3");
  slurm.queue("3|NODE_FAIL|NodeDown||" + id + "|/runs/" + id + "\n");
  const RunRecord run = read_run(store.workspace, id);
  CHECK(run.state == State::failed);
  CHECK(run.end_is_recorded);
  CHECK(run.failure->cause == "node_failed");
  CHECK(run.failure->category == "environment");
  slurm.queue("");
  CHECK(json(read_run(store.workspace, id)) == json(run));
}

TEST_CASE("a run whose submitter was killed is found by its name, or was never submitted", "[history]") {
  const Store store;
  const FakeSlurm slurm(store);
  const RunId found = left_run(store, State::not_started, ""), lost = left_run(store, State::not_started, "");
  slurm.queue("4|PENDING|None||" + found + "|/runs/" + found + "\n");
  CHECK(read_run(store.workspace, found).state == State::queued);
  CHECK(read_recorded(RunPaths(store.workspace, found)).slurm_job == "4");
  CHECK(read_run(store.workspace, lost).failure->cause == "never_submitted");
}

TEST_CASE("a run that somebody wanted canceled is canceled, however its job ended", "[history]") {
  const Store store;
  const FakeSlurm slurm(store);
  const RunId id = left_run(store, State::running, "5");
  publish_file(RunPaths(store.workspace, id).cancel_request(), "{}");
  slurm.queue("5|FAILED|NonZeroExitCode||" + id + "|/runs/" + id + "\n");
  const RunRecord run = read_run(store.workspace, id);
  CHECK(run.state == State::canceled);
  CHECK(run.reason == "canceled on request");
}

TEST_CASE("another cluster's answer, or none, ends nothing", "[history]") {
  const Store store;
  const FakeSlurm slurm(store);
  slurm.queue("");
  const RunId elsewhere = left_run(store, State::running, "6", "other");
  CHECK(read_run(store.workspace, elsewhere).state == State::running);
  CHECK(contains(read_run(store.workspace, elsewhere).reason, "here is cluster lab"));
  const RunId id = left_run(store, State::running, "7");
  {
    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nowhere", 1);
    const RunRecord run = read_run(store.workspace, id);
    setenv("PATH", path.c_str(), 1);
    CHECK(run.state == State::running);
    CHECK(contains(run.reason, "there is no squeue in PATH"));
  }
  CHECK(read_recorded(RunPaths(store.workspace, id)).reason.find("squeue") == std::string::npos);
}
