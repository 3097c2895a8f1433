#include "job/reproduce.hpp"

#include "job/data_fingerprint.hpp"
#include "job/input_fingerprints.hpp"
#include "job/submit.hpp"
#include "snapshot/store.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

[[noreturn]] void refuse(category kind, const RunRecord& original, const std::string& why,
                         const std::string& hint) {
  throw Error(kind, "run " + original.definition.id + " can't be reproduced: " + why, hint);
}

void require_ended(const RunRecord& original) {
  if (!is_terminal(original.state))
    refuse(category::conflict, original, std::string("it has not ended, it is ") + name_of(original.state),
           "wait for its end: amltrain wait " + original.definition.id);
}

/// Contents are compared with their hashes when they are laid out.
void require_snapshot(const Workspace& workspace, const RunRecord& original) {
  const std::string& snapshot = original.definition.snapshot;
  if (snapshot.empty()) return;
  try {
    read_snapshot(workspace, snapshot);
  } catch (const Error& problem) {
    refuse(problem.kind(), original, std::string("its source: ") + problem.what(),
           "the workspace has lost it; submit the source again");
  }
}

void require_data(const Workspace& workspace, const RunRecord& original, const JobDefinition& job) {
  const auto data = data_of(workspace, job);
  const auto& before = original.definition.data;
  if (!data || !before || before->fingerprint.empty()) return;
  if (!std::filesystem::exists(data->folder)) return;  // the run fetches it, and what comes is compared then
  const std::string now = fingerprint_data(data->folder);
  if (now != before->fingerprint)
    refuse(
        category::bad_input, original,
        "its data " + data->name + " changed: the fingerprint was " + before->fingerprint + " and is " + now,
        "bring the data back as they were; with a lock, amltrain data verify names the files that differ");
}

/// As require_data(), of the inputs that the run is not known by.
void require_other_inputs(const Workspace& workspace, const RunRecord& original, const JobDefinition& job) {
  if (!original.conditions.is_object() || !original.conditions.contains("inputs")) return;
  const auto before = field<std::map<std::string, std::string>>(original.conditions, "inputs");
  for (const auto& [name, now] : fingerprint_inputs(workspace, job, "", true)) {
    const auto found = before.find(name);
    if (found != before.end() && found->second != now)
      refuse(category::bad_input, original,
             "its input '" + name + "' changed: the fingerprint was " + found->second + " and is " + now,
             "bring it back as it was");
  }
}

std::string hash_of(const std::vector<HashedFile>& files, const std::string& path) {
  for (const HashedFile& file : files)
    if (file.path == path) return file.sha256;
  return "";
}

OutputComparison compare_outputs(const RunRecord& original, const RunRecord& run, bool built_in) {
  const auto& before = original.summary.outputs;
  const auto& now = run.summary.outputs;
  const auto is_left_out = [&](const HashedFile& file) {
    return built_in && file.path == "outputs/report.json";  // has times
  };
  OutputComparison comparison;
  for (const HashedFile& file : before) {
    if (is_left_out(file)) continue;
    const std::string hash = hash_of(now, file.path);
    if (hash.empty())
      comparison.missing.push_back(file.path);
    else if (hash != file.sha256)
      comparison.different.push_back(file.path);
    else
      ++comparison.same;
  }
  for (const HashedFile& file : now)
    if (!is_left_out(file) && hash_of(before, file.path).empty()) comparison.extra.push_back(file.path);
  return comparison;
}

/// Values of `document` by their place: "machine.cpu_model".
void flatten(const json& document, const std::string& place, std::map<std::string, json>& values) {
  if (!document.is_object()) {
    values[place] = document;
    return;
  }
  for (const auto& [name, value] : document.items())
    flatten(value, place.empty() ? name : place + "." + name, values);
}

/// What a run ran under, as far as its job does not say it.
std::map<std::string, json> surroundings(const RunRecord& run) {
  std::map<std::string, json> values;
  json conditions = run.conditions;
  if (conditions.is_object()) {
    conditions.erase("schema");
    conditions.erase("command");  // that of the job, with the folder of the run
    flatten(conditions, "", values);
  }
  const RunDefinition& definition = run.definition;
  values["compute"] = definition.compute;
  values["snapshot"] = definition.snapshot;
  if (definition.data) values["data.fingerprint"] = definition.data->fingerprint;
  if (definition.git) {
    values["git.commit"] = definition.git->commit;
    values["git.diff"] = definition.git->diff ? definition.git->diff->sha256 : "";
  }
  return values;
}

std::vector<Change> changes_between(const RunRecord& original, const RunRecord& run) {
  const auto before = surroundings(original), now = surroundings(run);
  std::vector<Change> changes;
  for (const auto& [what, value] : before) {
    const auto found = now.find(what);
    const json current = found == now.end() ? json(nullptr) : found->second;
    if (current != value) changes.push_back({what, value, current});
  }
  for (const auto& [what, value] : now)
    if (!before.contains(what) && !value.is_null()) changes.push_back({what, nullptr, value});
  return changes;
}

}  // namespace

JobDefinition job_to_reproduce(const Workspace& workspace, const RunRecord& original,
                               const std::string& compute) {
  require_ended(original);
  JobDefinition job = parse_job(original.definition.job);
  job.name.clear();
  job.after.clear();  // these have ended, before the original began
  if (!compute.empty()) job.compute = compute;
  require_snapshot(workspace, original);
  try {
    job = resolve_job(workspace, std::move(job));
  } catch (const Error& problem) {
    refuse(problem.kind(), original, problem.what(), problem.hint());
  }
  require_data(workspace, original, job);
  require_other_inputs(workspace, original, job);
  return job;
}

RunId submit_again(const Workspace& workspace, const JobDefinition& job, const RunId& original,
                   const std::filesystem::path& program) {
  return submit(workspace, job, program, nullptr, nullptr, original);
}

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::identical:
      return "identical";
    case Verdict::within_tolerance:
      return "within_tolerance";
    case Verdict::different:
      return "different";
  }
  return "";
}

bool Reproduction::ended_alike() const {
  const auto signal = [](const RunRecord& record) {
    return record.failure ? record.failure->signal : std::optional<int>();
  };
  return original.state == run.state && original.exit_code == run.exit_code &&
         signal(original) == signal(run);
}

Verdict Reproduction::verdict() const {
  const bool other_files = outputs.counted && !(outputs.missing.empty() && outputs.extra.empty());
  if (!ended_alike() || metrics.beyond > 0 || other_files) return Verdict::different;
  const bool other_content = outputs.counted && !outputs.different.empty();
  if (!other_content && metrics.differing == 0) return Verdict::identical;
  return tolerance > 0 ? Verdict::within_tolerance : Verdict::different;
}

int Reproduction::exit_code() const {
  if (verdict() != Verdict::different) return 0;
  const int ended = ended_alike() ? 0 : exit_code_of(run);
  return ended != 0 ? ended : static_cast<int>(category::run_failed);
}

Reproduction compare_runs(const Workspace& workspace, const RunId& original, const RunId& run,
                          double tolerance) {
  Reproduction result;
  result.original = read_run(workspace, original);
  result.run = read_run(workspace, run);
  result.tolerance = tolerance;
  result.metrics =
      compare_metrics(RunPaths(workspace, original).metrics(), RunPaths(workspace, run).metrics(), tolerance);
  const bool built_in = trainer_arguments(parse_job(result.original.definition.job)).has_value();
  result.outputs = compare_outputs(result.original, result.run, built_in);
  result.outputs.counted = built_in || result.metrics.points == 0;
  result.changed = changes_between(result.original, result.run);
  return result;
}

void to_json(json& out, const Reproduction& reproduction) {
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(nullptr); };
  const auto end_of = [&](const RunRecord& run) {
    return json{{"state", name_of(run.state)}, {"exit_code", or_null(run.exit_code)}};
  };
  const MetricComparison& metrics = reproduction.metrics;
  json first = nullptr;
  if (metrics.first)
    first = {{"name", metrics.first->name},
             {"rank", metrics.first->rank},
             {"step", or_null(metrics.first->step)},
             {"epoch", or_null(metrics.first->epoch)},
             {"before", or_null(metrics.first->before)},
             {"now", or_null(metrics.first->now)}};
  json changed = json::array();
  for (const Change& change : reproduction.changed)
    changed.push_back({{"what", change.what}, {"before", change.before}, {"now", change.now}});
  const OutputComparison& outputs = reproduction.outputs;
  out = {{"schema", "amltrain.reproduction/1"},
         {"original", reproduction.original.definition.id},
         {"run", reproduction.run.definition.id},
         {"verdict", name_of(reproduction.verdict())},
         {"tolerance", reproduction.tolerance},
         {"ended", {{"before", end_of(reproduction.original)}, {"now", end_of(reproduction.run)}}},
         {"metrics",
          {{"points", metrics.points},
           {"differing", metrics.differing},
           {"largest_difference", metrics.largest_difference},
           {"first", std::move(first)},
           {"left_out", metrics.left_out}}},
         {"outputs",
          {{"counted", outputs.counted},
           {"same", outputs.same},
           {"different", outputs.different},
           {"missing", outputs.missing},
           {"extra", outputs.extra}}},
         {"changed", std::move(changed)}};
}

}  // namespace amltrain
