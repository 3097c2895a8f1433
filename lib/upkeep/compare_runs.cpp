#include "upkeep/compare_runs.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "support/error.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

using Key = std::pair<std::size_t, std::string>;  // section, name
using Values = std::map<Key, json>;

constexpr const char* kSections[] = {"run", "param", "environment", "tag", "metric", "best"};
enum Section : std::size_t { of_run, of_param, of_environment, of_tag, of_metric, of_best };

void add_options(const std::vector<std::string>& words, Values& values) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) continue;
    const std::size_t equals = words[i].find('=');
    const std::string name = words[i].substr(2, equals - 2);
    if (equals != std::string::npos)
      values[{of_param, name}] = words[i].substr(equals + 1);
    else if (i + 1 < words.size() && !words[i + 1].starts_with("--"))
      values[{of_param, name}] = words[++i];
    else
      values[{of_param, name}] = true;
  }
}

/// What the trainer's report says of its options, defaults included.
void add_reported(const RunPaths& paths, Values& values) {
  const std::filesystem::path file = paths.outputs() / "report.json";
  const json report = parse_json(read_regular(file), file.string());
  if (!report.is_object() || !report.contains("options") || !report["options"].is_object()) return;
  for (const auto& [name, value] : report["options"].items())
    values[{of_param, name.starts_with("--") ? name.substr(2) : name}] = value;
}

void add_params(const RunPaths& paths, const JobDefinition& job, Values& values) {
  for (const auto& [name, input] : job.inputs)
    if (input.type == "literal") values[{of_param, name}] = input.value;
  const auto words = trainer_arguments(job);
  if (!words) {
    values[{of_run, "command"}] = job.command;
    return;
  }
  add_options(*words, values);
  try {
    add_reported(paths, values);
  } catch (const Error&) {  // none, or none that can be read: it did not come so far
  }
}

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

Values values_of(const Workspace& workspace, const RunRecord& run) {
  const RunDefinition& definition = run.definition;
  Values values;
  values[{of_run, "state"}] = name_of(run.state);
  values[{of_run, "experiment"}] = definition.experiment;
  values[{of_run, "compute"}] = definition.compute;
  if (run.exit_code) values[{of_run, "exit_code"}] = *run.exit_code;
  if (!definition.snapshot.empty()) values[{of_run, "snapshot"}] = definition.snapshot;
  if (definition.data) values[{of_run, "data"}] = definition.data->fingerprint;
  const json inputs =
      run.conditions.is_object() ? field_or<json>(run.conditions, "inputs", json::object()) : json::object();
  for (const auto& [name, fingerprint] : inputs.items()) values[{of_run, "data " + name}] = fingerprint;
  if (run.started_at && run.ended_at)
    values[{of_run, "seconds"}] = std::chrono::duration<double>(*run.ended_at - *run.started_at).count();
  try {
    const JobDefinition job = parse_job(definition.job);
    add_params(RunPaths(workspace, definition.id), job, values);
    for (const auto& [name, value] : job.environment_variables) values[{of_environment, name}] = value;
  } catch (const Error&) {  // of another version: what else is known is compared
  }
  for (const auto& [key, value] : definition.tags) values[{of_tag, key}] = value;
  for (const auto& [name, point] : run.summary.metrics.last) values[{of_metric, name}] = number(point.value);
  for (const auto& [name, point] : run.summary.metrics.best) values[{of_best, name}] = number(point.value);
  return values;
}

json number(const std::optional<double>& value) { return value ? number(*value) : json(nullptr); }

void find_partings(const Workspace& workspace, RunComparison& comparison) {
  const auto metrics_of = [&](const RunId& run) { return RunPaths(workspace, run).metrics(); };
  for (std::size_t i = 1; i < comparison.runs.size(); ++i) {
    const RunId& run = comparison.runs[i];
    const auto first_of = compare_metrics(metrics_of(comparison.runs.front()), metrics_of(run), 0).first_of;
    for (ComparedItem& item : comparison.items) {
      const auto found = first_of.find(item.name);
      if (item.section != kSections[of_metric] || found == first_of.end()) continue;
      item.differs = true;
      if (!item.parting || found->second.point < item.parting->point.point)
        item.parting = Parting{run, found->second};
    }
  }
}

}  // namespace

void to_json(json& out, const Parting& parting) {
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(nullptr); };
  const MetricDifference& at = parting.point;
  out = {{"run", parting.run},         {"rank", at.rank},
         {"point", at.point},          {"step", or_null(at.step)},
         {"epoch", or_null(at.epoch)}, {"values", {number(at.before), number(at.now)}}};
}

void to_json(json& out, const RunComparison& comparison) {
  out = {{"schema", "amltrain.run-comparison/1"}, {"runs", comparison.runs}, {"items", json::array()}};
  for (const ComparedItem& item : comparison.items)
    out["items"].push_back({{"section", item.section},
                            {"name", item.name},
                            {"values", item.values},
                            {"differs", item.differs},
                            {"parting", item.parting ? json(*item.parting) : json(nullptr)}});
}

RunComparison compare_runs(const Workspace& workspace, const std::vector<RunRecord>& runs) {
  RunComparison comparison;
  std::map<Key, std::vector<json>> table;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    comparison.runs.push_back(runs[i].definition.id);
    for (auto& [key, value] : values_of(workspace, runs[i])) {
      std::vector<json>& row = table[key];
      row.resize(runs.size());
      row[i] = std::move(value);
    }
  }
  for (auto& [key, values] : table) {
    const bool differs =
        std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) != values.end();
    comparison.items.push_back({kSections[key.first], key.second, std::move(values), differs, {}});
  }
  find_partings(workspace, comparison);
  return comparison;
}

}  // namespace amltrain
