#include <algorithm>
#include <charconv>
#include <cmath>

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

RunRecord look_at(const Workspace& workspace, const RunId& id, bool with_metrics) {
  try {
    RunRecord run = read_run(workspace, id, Detail::state);
    if (with_metrics) run.summary.metrics = read_metric_summary(RunPaths(workspace, id));
    return run;
  } catch (const Error& problem) {
    return damaged_run(id, problem);
  }
}

bool fits(const RunRecord& run, const RunFilter& filter) {
  const RunDefinition& definition = run.definition;
  if (!filter.states.empty() &&
      std::find(filter.states.begin(), filter.states.end(), run.state) == filter.states.end())
    return false;
  if (filter.experiment && definition.experiment != *filter.experiment) return false;
  if (run.archived && !filter.archived) return false;
  if (filter.compute && definition.compute != *filter.compute) return false;
  if (filter.metric && !run.summary.metrics.last.contains(*filter.metric)) return false;
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
  std::vector<RunRecord> runs;
  for (const RunId& id : workspace.runs()) {
    RunRecord run = look_at(workspace, id, with_metrics);
    if (fits(run, filter)) runs.push_back(std::move(run));
  }
  std::sort(runs.begin(), runs.end(), is_newer);
  if (filter.sort_metric)
    std::stable_sort(runs.begin(), runs.end(), [&](const RunRecord& left, const RunRecord& right) {
      return rank_by(left, *filter.sort_metric) > rank_by(right, *filter.sort_metric);
    });
  if (filter.limit > 0 && runs.size() > filter.limit) runs.resize(filter.limit);
  return runs;
}

}  // namespace amltrain
