#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>

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
  record.damaged = true;
  record.state = State::failed;
  record.reason = std::string("its documents are damaged: ") + problem.what();
  Failure& failure = record.failure.emplace();
  failure.stage = name_of(State::not_started);
  failure.category = name_of(category::environment);
  failure.message = record.reason;
  return record;
}

/// A run before it is known whether it is listed: a record takes too much memory to make ten thousand in
/// vain.
struct Candidate {
  RunId id;
  Time submitted_at;
  std::optional<RunIndex::Found> row;
  std::unique_ptr<RunRecord> read;  // of a run without a row
};

/// Every run, newest first.
std::vector<Candidate> candidates(const Workspace& workspace, RunIndex& index) {
  std::vector<Candidate> found;
  const std::vector<RunId> ids = workspace.runs();
  if (ids.empty()) return found;
  found.reserve(ids.size());
  const Fd folder = open_folder(workspace.runs_folder());
  for (const RunId& id : ids) {
    // Before the documents are read: what changes after that makes the row count no more.
    const auto stamp = stamp_of_run(folder.get(), id);
    if (!stamp) continue;  // deleted meanwhile
    if (auto row = index.find(id, *stamp)) {
      found.push_back({id, row->submitted_at, row, nullptr});
      continue;
    }
    auto run = std::make_unique<RunRecord>();
    try {
      *run = read_run(workspace, id, Detail::state);
      if (run->end_is_recorded) index.add(*run, *stamp);
    } catch (const Error& problem) {
      *run = damaged_run(id, problem);
    }
    found.push_back({id, run->definition.submitted_at, std::nullopt, std::move(run)});
  }
  index.save(ids);
  std::sort(found.begin(), found.end(), [](const Candidate& left, const Candidate& right) {
    return left.submitted_at != right.submitted_at ? left.submitted_at > right.submitted_at
                                                   : left.id > right.id;
  });
  return found;
}

/// What there is of it until now, which it then has no more.
RunRecord taken_from(Candidate& candidate) {
  return candidate.row ? RunIndex::record_of(candidate.id, *candidate.row) : std::move(*candidate.read);
}

/// All that is recorded of a run that has a row only.
void complete(const Workspace& workspace, RunRecord& run) {
  const RunId id = run.definition.id;
  MetricSummary metrics = std::move(run.summary.metrics);
  try {
    run = read_run(workspace, id, Detail::state);
    run.summary.metrics = std::move(metrics);
  } catch (const Error& problem) {
    run = damaged_run(id, problem);
  }
}

void add_metrics(const Workspace& workspace, RunRecord& run) try {
  const RunPaths paths(workspace, run.definition.id);
  run.summary.metrics = read_metric_summary(paths, is_terminal(run.state));
} catch (const Error& problem) {
  run = damaged_run(RunId(run.definition.id), problem);
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

/// The best value such that larger is better whatever the metric; runs without one come last.
double rank_by(const RunRecord& run, const std::string& metric) {
  const auto found = run.summary.metrics.best.find(metric);
  if (found == run.summary.metrics.best.end() || std::isnan(found->second.value)) return -INFINITY;
  return smaller_is_better(metric) ? -found->second.value : found->second.value;
}

/// Best first, and no more than the limit.
void sort_by_metric(const Workspace& workspace, const RunFilter& filter, std::vector<RunRecord>& runs) {
  std::stable_sort(runs.begin(), runs.end(), [&](const RunRecord& left, const RunRecord& right) {
    return rank_by(left, *filter.sort_metric) > rank_by(right, *filter.sort_metric);
  });
  if (filter.limit > 0 && runs.size() > filter.limit)
    runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(filter.limit), runs.end());
  if (filter.rows) return;
  for (RunRecord& run : runs) complete(workspace, run);
}

}  // namespace

std::vector<RunRecord> list_runs(const Workspace& workspace, const RunFilter& filter) {
  RunIndex index(workspace);
  std::vector<Candidate> found = candidates(workspace, index);
  std::vector<RunRecord> runs;
  if (filter.limit == 0) runs.reserve(found.size());
  for (Candidate& candidate : found) {
    if (!filter.sort_metric && filter.limit > 0 && runs.size() == filter.limit) break;
    RunRecord run = taken_from(candidate);
    if (!fits(run, filter)) continue;
    if (filter.metric || filter.sort_metric) add_metrics(workspace, run);
    if (filter.metric && !run.summary.metrics.last.contains(*filter.metric)) continue;
    if (candidate.row && !filter.rows && !filter.sort_metric) complete(workspace, run);
    runs.push_back(std::move(run));
  }
  if (filter.sort_metric) sort_by_metric(workspace, filter, runs);
  return runs;
}

}  // namespace amltrain
