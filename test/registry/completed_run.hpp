// A workspace with runs as the supervisor leaves them, written through the real store.
#pragma once

#include <map>
#include <string>

#include "../support/temporary_folder.hpp"
#include "history/experiment.hpp"
#include "history/run_store.hpp"
#include "workspace/workspace.hpp"

namespace amltrain::test {

struct Store {
  TemporaryFolder home;
  Workspace workspace = Workspace::init(home.path(), "test").workspace;

  Store() { ensure_experiment(workspace, "birds"); }

  /// A run that wrote `outputs` (paths below outputs/) and ended as `end`.
  RunRecord run(const std::map<std::string, std::string>& outputs, State end = State::completed) const {
    RunDefinition definition;
    definition.experiment = "birds";
    definition.compute = "local";
    definition.submitted_at = now();
    definition.job = json::object();
    definition.data = DataReference{"insects", "/data/insects", "sha256:abc"};
    RunWriter writer = RunWriter::create(workspace, definition);
    const RunPaths paths = writer.paths();
    for (const auto& [path, content] : outputs) {
      std::filesystem::create_directories((paths.outputs() / path).parent_path());
      write_plain(paths.outputs() / path, content);
    }
    append_metric(paths.metrics(), {now(), "val_acc", 0.5, {}, 0, 0});
    append_metric(paths.metrics(), {now(), "val_acc", 0.875, {}, 1, 0});
    for (const State state : {State::queued, State::preparing, State::running, State::finalizing, end}) {
      Event event;
      event.time = now();
      event.state = state;
      if (state == State::finalizing)
        writer.write_summary(
            {summarise_metrics(paths.metrics(), true), hash_tree(paths.outputs(), "outputs/"), {}});
      writer.record(event);
    }
    return read_run(workspace, writer.definition().id);
  }
};

}  // namespace amltrain::test
