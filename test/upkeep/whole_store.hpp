// A workspace with one of everything that needs neither a trainer nor an archive.
#pragma once

#include "compute/target.hpp"
#include "history/experiment.hpp"
#include "history/store.hpp"
#include "registry/model.hpp"
#include "snapshot/store.hpp"
#include "support/errors.hpp"

namespace amltrain::test {

namespace fs = std::filesystem;

struct WholeStore : Store {
  TemporaryFolder source;

  WholeStore() {
    ensure_experiment(workspace, "birds");
    ComputeTarget target;
    target.name = "local";
    target.kind = "local";
    target.max_nodes = 1;
    ensure_compute(workspace, target);
  }

  /// A completed run with a source, metrics, a log and an output.
  RunId completed(const std::string& content = "weights") const {
    write_plain(source / "train.sh", "echo " + content + "\n");
    RunDefinition definition;
    definition.experiment = "birds";
    definition.compute = "local";
    definition.job = json::object();
    definition.snapshot = store_snapshot(workspace, scan_source(source.path()));
    RunWriter writer = RunWriter::create(workspace, std::move(definition));
    const RunPaths& paths = writer.paths();
    write_plain(paths.outputs() / "model.pt", content);
    write_plain(paths.worker_log(0), "epoch 1\n");
    append_metric(paths.metrics(), {now(), "val_acc", 0.5, {}, {}, 0});
    for (const State state : {State::queued, State::preparing, State::running, State::finalizing})
      writer.record(event(state));
    writer.write_summary(
        {summarise_metrics(paths.metrics(), true),
         hash_tree(paths.outputs(), "outputs/"),
         {},
         {hash_file(paths.folder, "metrics.jsonl"), hash_file(paths.folder, "logs/rank-0.log")}});
    writer.record(event(State::completed));
    return writer.definition().id;
  }

  void register_run(const RunId& id) const {
    register_model(workspace, read_run(workspace, id), {"m", "outputs", {}});
  }
};

}  // namespace amltrain::test
