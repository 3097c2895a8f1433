#include <algorithm>
#include <charconv>
#include <cmath>

#include "history/run_index.hpp"
#include "history/run_store.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

/// What can be told of a run whose documents cannot be read: its id says the experiment and the time.
RunRecord damaged_run(const RunId& id, const Error& problem) {
  RunRecord record;
  record.definition.id = id;
  record.definition.job = json::object();
  const std::size_t random = id.rfind('_');
  const std::size_t time =
      random == std::string::npos || random == 0 ? std::string::npos : id.rfind('_', random - 1);
  if (time != std::string::npos) {
    record.definition.experiment = id.substr(0, time);
    std::int64_t seconds = 0;
    std::from_chars(id.data() + time + 1, id.data() + random, seconds);
    record.definition.submitted_at = Time(std::chrono::seconds(seconds));
  }
  record.state = State::failed;
  record.reason = std::string("its documents are damaged: ") + problem.what();
  Failure& failure = record.failure.emplace();
  failure.stage = name_of(State::not_started);
  failure.category = name_of(category::environment);
  failure.message = record.reason;
  return record;
}

struct Listed {
  RunRecord run;
  bool whole;  // false: a row of the index
};

/// Every run as a row, from the index where it still counts.
std::vector<Listed> all_rows(const Workspace& workspace) {
  std::vector<Listed> rows;
  const std::vector<RunId> ids = workspace.runs();
  if (ids.empty()) return rows;
  rows.reserve(ids.size());
  RunIndex index(workspace);
  const Fd folder = open_folder(workspace.runs_folder());
  for (const RunId& id : ids) {
    // Before the documents are read: what changes after that makes the row count no more.
    const auto stamp = stamp_of_run(folder.get(), id);
    if (!stamp) continue;  // deleted meanwhile
    if (auto row = index.find(id, *stamp)) {
      rows.push_back({std::move(*row), false});
      continue;
    }
    try {
      rows.push_back({read_run(workspace, id, Detail::state), true});
      if (rows.back().run.end_is_recorded) index.add(rows.back().run, *stamp);
    } catch (const Error& problem) {
      rows.push_back({damaged_run(id, problem), true});
    }
  }
  index.save(ids);
  return rows;
}

/// Metrics, and unless rows are enough all else.
void complete(const Workspace& workspace, Listed& listed, bool with_metrics, bool rows) {
  const RunId id = listed.run.definition.id;
  try {
    if (!listed.whole && !rows) {
      MetricSummary metrics = std::move(listed.run.summary.metrics);
      listed.run = read_run(workspace, id, Detail::state);
      listed.run.summary.metrics = std::move(metrics);
    }
    if (with_metrics) listed.run.summary.metrics = read_metric_summary(RunPaths(workspace, id));
  } catch (const Error& problem) {
    listed.run = damaged_run(id, problem);
  }
  listed.whole = listed.whole || !rows;
}

bool fits(const RunRecord& run, const RunFilter& filter) {
  const RunDefinition& definition = run.definition;
  if (!filter.states.empty() &&
      std::find(filter.states.begin(), filter.states.end(), run.state) == filter.states.end())
    return false;
  if (filter.experiment && definition.experiment != *filter.experiment) return false;
  if (run.archived && !filter.archived) return false;
  if (filter.compute && definition.compute != *filter.compute) return false;
  return std::all_of(filter.tags.begin(), filter.tags.end(), [&](const auto& tag) {
    const auto found = definition.tags.find(tag.first);
    return found != definition.tags.end() && found->second == tag.second;
  });
}

bool is_newer(const RunRecord& left, const RunRecord& right) {
  if (left.definition.submitted_at != right.definition.submitted_at)
    return left.definition.submitted_at > right.definition.submitted_at;
  return left.definition.id > right.definition.id;
}

/// The best value such that larger is better whatever the metric; runs without one come last.
double rank_by(const RunRecord& run, const std::string& metric) {
  const auto found = run.summary.metrics.best.find(metric);
  if (found == run.summary.metrics.best.end() || std::isnan(found->second.value)) return -INFINITY;
  return smaller_is_better(metric) ? -found->second.value : found->second.value;
}

}  // namespace

std::vector<RunRecord> list_runs(const Workspace& workspace, const RunFilter& filter) {
  const bool with_metrics = filter.metric || filter.sort_metric;
  std::vector<Listed> rows = all_rows(workspace);
  std::vector<Listed*> chosen;  // a record is too large to be moved about
  for (Listed& listed : rows) {
    if (!fits(listed.run, filter)) continue;
    if (with_metrics) complete(workspace, listed, true, true);
    if (!filter.metric || listed.run.summary.metrics.last.contains(*filter.metric)) chosen.push_back(&listed);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Listed* left, const Listed* right) { return is_newer(left->run, right->run); });
  if (filter.sort_metric)
    std::stable_sort(chosen.begin(), chosen.end(), [&](const Listed* left, const Listed* right) {
      return rank_by(left->run, *filter.sort_metric) > rank_by(right->run, *filter.sort_metric);
    });
  if (filter.limit > 0 && chosen.size() > filter.limit) chosen.resize(filter.limit);
  std::vector<RunRecord> runs;
  runs.reserve(chosen.size());
  for (Listed* const listed : chosen) {
    if (!filter.rows) complete(workspace, *listed, false, false);
    runs.push_back(std::move(listed->run));
  }
  return runs;
}

}  // namespace amltrain
