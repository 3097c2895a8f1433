// A workspace to make runs in.
#pragma once

#include <unistd.h>

#include <string>

#include "history/run_store.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::test {

struct Store {
  TemporaryFolder folder;
  Workspace workspace = Workspace::init(folder.path(), "w").workspace;

  /// A run whose supervisor is this process for as long as the writer lives.
  RunWriter start(const std::string& experiment = "birds", Time submitted_at = now()) const {
    RunDefinition definition;
    definition.experiment = experiment;
    definition.compute = "local";
    definition.job = json::object();
    definition.submitted_at = submitted_at;
    return RunWriter::create(workspace, std::move(definition));
  }

  /// A run that went all the way.
  RunId finished(const std::string& experiment = "birds", Time submitted_at = now()) const {
    RunWriter writer = start(experiment, submitted_at);
    for (const State state :
         {State::queued, State::preparing, State::running, State::finalizing, State::completed})
      writer.record(event(state));
    return writer.definition().id;
  }

  static Event event(State state) {
    Event made;
    made.state = state;
    return made;
  }
};

}  // namespace amltrain::test
