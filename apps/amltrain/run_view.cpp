#include "run_view.hpp"

#include "metrics_view.hpp"
#include "support/text.hpp"
#include "table.hpp"

namespace amltrain::cli {
namespace {

void add_end(Fields& fields, const RunRecord& run) {
  fields.add("Run", run.definition.id);
  fields.add("State", name_of(run.state));
  if (run.queue_position) fields.add("In the queue", std::to_string(*run.queue_position));
  fields.add("Reason", run.reason);
  if (run.failure) {
    fields.add("Failed in", run.failure->stage);
    if (run.failure->message != run.reason) fields.add("Failure", run.failure->message);
    fields.add("Hint", run.failure->hint);
  }
  if (run.exit_code) fields.add("Exit code", std::to_string(*run.exit_code));
  fields.add("Duration", describe_duration(run.started_at, run.ended_at));
  const char* title = "Restarts";
  for (const Restart& restart : run.restarts) {
    fields.add(title, to_iso8601(restart.time) + " " + restart.reason);
    title = "";
  }
}

std::string describe_git(const GitState& git) {
  std::string text = git.commit.empty() ? "no commit yet" : git.commit;
  if (!git.branch.empty()) text += " (" + git.branch + ")";
  if (git.changed) text += git.diff ? ", changed: see source.diff" : ", changed";
  return text;
}

/// A machine of a run: that of its supervisor, which runs it unless hosts do, or such a host.
std::string describe_machine(const json& machine) {
  const auto cores = optional_field<int>(machine, "cores");
  return field_or<std::string>(machine, "host", "") + ", " + field_or<std::string>(machine, "cpu_model", "") +
         (cores ? ", " + std::to_string(*cores) + " cores" : "");
}

void add_hosts(Fields& fields, const json& hosts) {
  for (const json& host : hosts) {
    const json machine = field_or<json>(host, "inventory", json::object());
    fields.add("Host", describe_machine(machine));
    for (const json& gpu : field_or<json>(machine, "gpus", json::array()))
      fields.add("GPU", field_or<std::string>(gpu, "name", ""));
  }
}

void add_conditions(Fields& fields, const json& conditions) {
  if (conditions.is_null()) return;
  const json machine = field_or<json>(conditions, "machine", json::object());
  const json software = field_or<json>(conditions, "software", json::object());
  const json hosts = field_or<json>(conditions, "hosts", json::array());
  add_hosts(fields, hosts);
  fields.add(hosts.empty() ? "Machine" : "Submitted on", describe_machine(machine));
  for (const json& gpu : field_or<json>(machine, "gpus", json::array()))
    fields.add("GPU", field_or<std::string>(gpu, "name", ""));
  if (machine.contains("gpus") && machine.at("gpus").is_null())
    fields.add("GPU", "not known: the driver gave no answer");
  const std::string torch = field_or<std::string>(software, "torch", "");
  fields.add("Software", "amltrain " + field_or<std::string>(software, "amltrain", "") +
                             (torch.empty() ? "" : ", torch " + torch));
  if (const json environment = field_or<json>(conditions, "environment", nullptr); environment.is_object()) {
    fields.add("Python", field_or<std::string>(environment, "python", "") + ", " +
                             std::to_string(field_or<json>(environment, "packages", json::object()).size()) +
                             " packages");
  }
  if (const auto seed = optional_field<std::int64_t>(conditions, "seed"))
    fields.add("Seed", std::to_string(*seed));
}

void add_resources(Fields& fields, const std::optional<ResourceUse>& use) {
  if (!use) return;
  fields.add("CPU time",
             human_duration(std::chrono::milliseconds(static_cast<std::int64_t>(use->cpu_seconds * 1000))));
  if (use->peak_memory_bytes) fields.add("Peak memory", human_bytes(*use->peak_memory_bytes));
  for (const GpuUse& gpu : use->gpus)
    fields.add("GPU " + std::to_string(gpu.index), human_bytes(gpu.peak_memory_bytes) + ", " +
                                                       short_number(gpu.mean_utilization * 100) + " % busy");
}

void add_results(Fields& fields, const RunRecord& run) {
  const char* title = "Metrics";
  for (const auto& [name, point] : run.summary.metrics.last) {
    fields.add(title, describe_metric(run.summary.metrics, name));
    title = "";
  }
  if (const SkippedLines& skipped = run.summary.metrics.skipped; skipped.lines > 0)
    fields.add("Not metrics", describe_skipped(skipped));
  title = "Outputs";
  for (const HashedFile& file : run.summary.outputs) {
    fields.add(title, printable(file.path) + " (" + human_bytes(file.bytes) + ")");
    title = "";
  }
}

}  // namespace

std::string describe_metric(const MetricSummary& metrics, const std::string& name) {
  const auto last = metrics.last.find(name);
  if (last == metrics.last.end()) return "";
  std::string text = name + " " + short_number(last->second.value);
  const auto best = metrics.best.find(name);
  if (best == metrics.best.end() || best->second.value == last->second.value) return text;
  text += " (best " + short_number(best->second.value);
  if (best->second.epoch) text += ", epoch " + std::to_string(*best->second.epoch);
  return text + ")";
}

std::string describe_queue(const RunRecord& run) {
  if (run.state != State::queued) return "";
  return (run.queue_position ? std::to_string(*run.queue_position) + ": " : "") + run.reason;
}

std::string describe_duration(const std::optional<Time>& started_at, const std::optional<Time>& ended_at) {
  return started_at ? human_duration((ended_at ? *ended_at : now()) - *started_at) : "";
}

void show_execution_summary(std::ostream& out, const RunRecord& run) {
  out << "Execution Summary\n=================\n";  // as the tutorial's wait_for_completion() prints it
  Fields fields;
  add_end(fields, run);
  add_results(fields, run);
  fields.print(out);
  if (run.state == State::completed) {
    if (run.summary.outputs.empty()) return;
    out << "\nNext: amltrain register " << run.definition.id << " --name MODEL\n";
  } else if (is_terminal(run.state)) {
    out << "\nNext: amltrain runs logs " << run.definition.id << '\n';
  }
}

void show_run(std::ostream& out, const RunRecord& run) {
  const RunDefinition& definition = run.definition;
  Fields fields;
  add_end(fields, run);
  fields.add("Resumed from", definition.resumed_from);
  fields.add("Reproduces", definition.reproduces);
  fields.add("Experiment", definition.experiment);
  fields.add("Compute", definition.compute);
  fields.add("Name", definition.display_name);
  fields.add("Description", definition.description);
  for (const auto& [key, value] : definition.tags) fields.add("Tag", key + "=" + value);
  const char* noted = "Notes";
  for (const Note& note : run.notes) {
    fields.add(noted, to_iso8601(note.time) + " " + note.text);
    noted = "";
  }
  if (run.archived) fields.add("Archived", "yes");
  fields.add("Command", field_or<std::string>(definition.job, "command", ""));
  fields.add("Source", field_or<std::string>(definition.job, "code", ""));
  fields.add("Snapshot", definition.snapshot);
  fields.add("Environment", run.environment);
  if (definition.git) fields.add("Git", describe_git(*definition.git));
  if (definition.data) {
    fields.add("Data", definition.data->name);
    fields.add("Fingerprint", definition.data->fingerprint);
  }
  fields.add("Submitted", to_iso8601(definition.submitted_at));
  if (run.started_at) fields.add("Started", to_iso8601(*run.started_at));
  if (run.ended_at) fields.add("Ended", to_iso8601(*run.ended_at));
  add_conditions(fields, run.conditions);
  add_resources(fields, run.summary.resources);
  add_results(fields, run);
  fields.print(out);
}

}  // namespace amltrain::cli
