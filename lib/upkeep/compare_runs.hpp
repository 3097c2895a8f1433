// Runs side by side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "history/compare_metrics.hpp"
#include "history/run.hpp"
#include "support/json.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Where the values of a metric, point by point, are first not those of the first run.
struct Parting {
  RunId run;
  MetricDifference point;  // before: of the first run; now: of `run`
};

void to_json(json& out, const Parting& parting);

struct ComparedItem {
  std::string section;       // run, param, environment, tag, metric, best
  std::string name;          // "state", "learning-rate", "val_acc", ...
  std::vector<json> values;  // of each run, in order; null where it has none
  bool differs = false;
  std::optional<Parting> parting;  // of a metric: the last values may be the same all the same
};

struct RunComparison {
  std::vector<RunId> runs;
  std::vector<ComparedItem> items;  // by section, then name
};
void to_json(json& out, const RunComparison& comparison);  // schema amltrain.run-comparison/1

/// Params are the options of the built-in trainer, as its report tells them or else as they were given, and
/// the literal inputs of the job; `metric` is the last value, `best` the best one. Metrics are compared point
/// by point as well, but for those that tell of the machine; its memory is that of compare_metrics().
RunComparison compare_runs(const Workspace& workspace, const std::vector<RunRecord>& runs);

}  // namespace amltrain
