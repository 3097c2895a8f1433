// Real runs with real supervisors, in a workspace of the test case's own.
#pragma once

#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <string>

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/follow.hpp"
#include "job/submit.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::test {

constexpr std::chrono::seconds kPatience{30};

class Runs {
 public:
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "test").workspace;

  Runs() = default;
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;
  /// A test case that failed leaves nothing running.
  ~Runs() {
    for (const RunId& id : workspace.runs()) {
      try {
        cancel_run(workspace, id, kPatience);
      } catch (const Error&) {  // the case has failed already, or is about a damaged run
      }
    }
  }

  static std::filesystem::path program() { return AMLTRAIN_TEST_HOST; }

  /// Made with these settings, which its name says.
  void add_compute(const std::string& name, int max_nodes, int threads = 0) const {
    ComputeTarget target;
    target.name = name;
    target.max_nodes = max_nodes;
    target.threads = threads;
    ensure_compute(workspace, target);
  }

  RunId submit_job(JobDefinition job) const {
    return submit(workspace, resolve_job(workspace, std::move(job)), program());
  }
  RunId submit_command(const std::string& command) const {
    JobDefinition job;
    job.command = command;
    return submit_job(job);
  }
  RunRecord wait(const RunId& id) const {
    FollowOptions options;
    options.timeout = kPatience;
    return wait_for_runs(workspace, {id}, options).at(0);
  }
  RunRecord run(const std::string& command) const { return wait(submit_command(command)); }

  /// Waits until `seen` holds of the run.
  RunRecord await(const RunId& id, const std::function<bool(const RunRecord&)>& seen) const {
    RunWatch watch(RunPaths(workspace, id));
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      RunRecord record = read_run(workspace, id);
      if (seen(record)) return record;
      watch.wait(std::chrono::milliseconds(100));
    }
    FAIL("waited in vain for run " << id);
    throw 0;
  }
  RunRecord await_state(const RunId& id, State state) const {
    return await(id, [state](const RunRecord& record) { return record.state == state; });
  }
  /// Waits until the worker has written `word`, and all of its log up to there.
  std::string await_log(const RunId& id, const std::string& word) const {
    await(id, [&](const RunRecord&) { return log(id).find(word) != std::string::npos; });
    return log(id);
  }
  std::string log(const RunId& id) const { return read_plain(RunPaths(workspace, id).worker_log(0)); }

  std::string states(const RunId& id) const {
    std::string names;
    for (const Event& event : read_events(RunPaths(workspace, id)))
      names += std::string(name_of(event.state)) + ' ';
    return names;
  }
};

}  // namespace amltrain::test
