#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <numeric>

#include "history/run_index.hpp"
#include "history/run_store.hpp"
#include "history/slurm_view.hpp"
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

RunRow read_row(const Workspace& workspace, const RunId& id) try {
  return row_of(read_run(workspace, id, Detail::state));
} catch (const Error& problem) {
  return row_of(damaged_run(id, problem));
}

/// Without its record when Slurm is to be asked for it.
RunRow read_row_here(const Workspace& workspace, const RunId& id) try {
  auto record = read_unless_in_slurm(workspace, id);
  return record ? row_of(std::move(*record)) : RunRow{};
} catch (const Error& problem) {
  return row_of(damaged_run(id, problem));
}

/// Slurm is asked once for all of them.
void read_from_slurm(const Workspace& workspace, std::vector<RunRow>& rows,
                     const std::vector<std::pair<std::size_t, RunId>>& put_off) {
  std::vector<RunId> ids;
  for (const auto& [row, id] : put_off) ids.push_back(id);
  ask_slurm(workspace, ids);
  for (const auto& [row, id] : put_off) rows[row] = read_row(workspace, id);
}

/// The order of rows that are sorted by id: a row is more to move than its number.
std::vector<std::size_t> newest_first(const std::vector<RunRow>& rows) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return rows[left].submitted_at > rows[right].submitted_at;
  });
  return order;
}

/// The rows of all runs, sorted by id.
std::vector<RunRow> all_rows(const Workspace& workspace) {
  std::vector<RunRow> rows;
  const std::vector<RunId> ids = workspace.runs();
  if (ids.empty()) return rows;
  rows.reserve(ids.size());
  RunIndex index(workspace);
  const Fd folder = open_folder(workspace.runs_folder());
  std::vector<std::pair<std::size_t, RunId>> put_off;
  for (const RunId& id : ids) {
    // Before the documents are read: what changes after that makes the row count no more.
    const auto stamp = stamp_of_run(folder.get(), id);
    if (!stamp) continue;  // deleted meanwhile
    RunRow& row = rows.emplace_back();
    if (index.find(id, *stamp, row)) continue;
    row = read_row_here(workspace, id);
    if (!row.record)
      put_off.emplace_back(rows.size() - 1, id);
    else if (row.record->end_is_recorded)
      index.add(row, *stamp);
  }
  if (!put_off.empty()) read_from_slurm(workspace, rows, put_off);
  index.save(ids);
  return rows;
}

void add_metrics(const Workspace& workspace, RunRow& row) try {
  const RunPaths paths(workspace, row.id);
  row.metrics = std::make_unique<MetricSummary>(read_metric_summary(paths, is_terminal(row.state)));
} catch (const Error& problem) {
  row = row_of(damaged_run(RunId(row.id), problem));
  row.metrics = std::make_unique<MetricSummary>();
}

bool fits(const RunRow& row, const RunFilter& filter) {
  if (!filter.states.empty() &&
      std::find(filter.states.begin(), filter.states.end(), row.state) == filter.states.end())
    return false;
  if (filter.experiment && row.experiment != *filter.experiment) return false;
  if (row.archived && !filter.archived) return false;
  if (filter.compute && row.compute != *filter.compute) return false;
  return std::all_of(filter.tags.begin(), filter.tags.end(), [&](const auto& tag) {
    const auto found = row.tags.find(tag.first);
    return found != row.tags.end() && found->second == tag.second;
  });
}

/// The best value such that larger is better whatever the metric; runs without one come last.
double rank_by(const RunRow& row, const std::string& metric) {
  const auto found = row.metrics->best.find(metric);
  if (found == row.metrics->best.end() || std::isnan(found->second.value)) return -INFINITY;
  return smaller_is_better(metric) ? -found->second.value : found->second.value;
}

}  // namespace

RunRow row_of(RunRecord record) {
  RunRow row;
  const RunDefinition& definition = record.definition;
  row.id = definition.id;
  row.experiment = definition.experiment;
  row.compute = definition.compute;
  row.tags = definition.tags;
  row.state = record.state;
  row.archived = record.archived;
  row.submitted_at = definition.submitted_at;
  row.started_at = record.started_at;
  row.ended_at = record.ended_at;
  row.record = std::make_unique<RunRecord>(std::move(record));
  return row;
}

std::vector<RunRow> list_rows(const Workspace& workspace, const RunFilter& filter) {
  std::vector<RunRow> known = all_rows(workspace), rows;
  const auto is_full = [&] { return filter.limit > 0 && rows.size() >= filter.limit; };
  rows.reserve(filter.limit > 0 ? 0 : known.size());
  for (const std::size_t i : newest_first(known)) {
    RunRow& row = known[i];
    if (!filter.sort_metric && is_full()) break;
    if (!fits(row, filter)) continue;
    if (filter.metric || filter.sort_metric) add_metrics(workspace, row);
    if (filter.metric && !row.metrics->last.contains(*filter.metric)) continue;
    rows.push_back(std::move(row));
  }
  if (filter.sort_metric) {
    std::stable_sort(rows.begin(), rows.end(), [&](const RunRow& left, const RunRow& right) {
      return rank_by(left, *filter.sort_metric) > rank_by(right, *filter.sort_metric);
    });
    if (is_full()) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(filter.limit), rows.end());
  }
  return rows;
}

std::vector<RunRecord> list_runs(const Workspace& workspace, const RunFilter& filter) {
  std::vector<RunRecord> runs;
  for (RunRow& row : list_rows(workspace, filter)) {
    if (!row.record) row.record = std::move(read_row(workspace, row.id).record);
    if (row.metrics) row.record->summary.metrics = std::move(*row.metrics);
    runs.push_back(std::move(*row.record));
  }
  return runs;
}

}  // namespace amltrain
