// Runs side by side.
#pragma once

#include <string>
#include <vector>

#include "history/run.hpp"
#include "support/json.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct ComparedItem {
  std::string section;       // run, param, environment, tag, metric, best
  std::string name;          // "state", "learning-rate", "val_acc", ...
  std::vector<json> values;  // of each run, in order; null where it has none
  bool differs = false;
};

struct RunComparison {
  std::vector<RunId> runs;
  std::vector<ComparedItem> items;  // by section, then name
};
void to_json(json& out, const RunComparison& comparison);  // schema amltrain.run-comparison/1

/// Params are the options of the built-in trainer, as its report tells them or else as they were given, and
/// the literal inputs of the job; `metric` is the last value, `best` the best one.
RunComparison compare_runs(const Workspace& workspace, const std::vector<RunRecord>& runs);

}  // namespace amltrain
