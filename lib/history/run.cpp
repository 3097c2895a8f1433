#include "history/run.hpp"

#include "support/error.hpp"

namespace amltrain {
namespace {

constexpr const char* kRunSchema = "amltrain.run/1";
constexpr const char* kSummarySchema = "amltrain.run-summary/1";

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json time_or_null(const std::optional<Time>& time) { return time ? json(to_iso8601(*time)) : json(nullptr); }

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

/// optional_field() for a value that has its own parser.
template <typename Parse>
auto optional_object(const json& in, const char* name, Parse parse) -> std::optional<decltype(parse(in))> {
  const auto found = in.find(name);
  if (found == in.end() || found->is_null()) return std::nullopt;
  return parse(*found);
}

}  // namespace

void to_json(json& out, const DataReference& data) {
  out = {{"name", data.name}, {"folder", data.folder.string()}, {"fingerprint", data.fingerprint}};
}

DataReference parse_data_reference(const json& in) {
  return {field<std::string>(in, "name"), field<std::string>(in, "folder"),
          field_or<std::string>(in, "fingerprint", "")};
}

void to_json(json& out, const RunDefinition& run) {
  out = {{"schema", kRunSchema},
         {"id", run.id},
         {"experiment", run.experiment},
         {"compute", run.compute},
         {"display_name", run.display_name},
         {"description", run.description},
         {"tags", run.tags},
         {"submitted_at", to_iso8601(run.submitted_at)},
         {"job", run.job},
         {"data", or_null(run.data)},
         {"timeout_seconds", run.timeout ? json(run.timeout->count()) : json(nullptr)},
         {"snapshot", text_or_null(run.snapshot)},
         {"resumed_from", text_or_null(run.resumed_from)},
         {"reproduces", text_or_null(run.reproduces)},
         {"git", or_null(run.git)}};
  if (!run.slurm_cluster.empty()) out["slurm_cluster"] = run.slurm_cluster;
}

RunDefinition parse_run_definition(const json& in) {
  require_schema(in, kRunSchema, "run");
  RunDefinition run;
  run.id = field<std::string>(in, "id");
  run.experiment = field<std::string>(in, "experiment");
  run.compute = field<std::string>(in, "compute");
  run.display_name = field_or<std::string>(in, "display_name", "");
  run.description = field_or<std::string>(in, "description", "");
  run.tags = field_or<std::map<std::string, std::string>>(in, "tags", {});
  run.submitted_at = parse_iso8601(field<std::string>(in, "submitted_at"));
  run.job = field<json>(in, "job");
  run.data = optional_object(in, "data", parse_data_reference);
  if (const auto seconds = optional_field<std::int64_t>(in, "timeout_seconds"))
    run.timeout = std::chrono::seconds(*seconds);
  run.snapshot = field_or<std::string>(in, "snapshot", "");
  run.resumed_from = field_or<std::string>(in, "resumed_from", "");
  run.reproduces = field_or<std::string>(in, "reproduces", "");
  run.git = optional_object(in, "git", parse_git_state);
  run.slurm_cluster = field_or<std::string>(in, "slurm_cluster", "");
  return run;
}

void to_json(json& out, const Failure& failure) {
  out = {{"stage", failure.stage},
         {"rank", or_null(failure.rank)},
         {"signal", or_null(failure.signal)},
         {"code", or_null(failure.code)},
         {"category", failure.category},
         {"message", failure.message},
         {"hint", failure.hint},
         {"cause", text_or_null(failure.cause)},
         {"log", failure.log}};
}

Failure parse_failure(const json& in) {
  Failure failure;
  failure.stage = field<std::string>(in, "stage");
  failure.rank = optional_field<int>(in, "rank");
  failure.signal = optional_field<int>(in, "signal");
  failure.code = optional_field<int>(in, "code");
  failure.category = field<std::string>(in, "category");
  failure.message = field<std::string>(in, "message");
  failure.hint = field_or<std::string>(in, "hint", "");
  failure.cause = field_or<std::string>(in, "cause", "");
  failure.log = field_or<std::vector<std::string>>(in, "log", {});
  return failure;
}

void to_json(json& out, const Event& event) {
  out = {{"time", to_iso8601(event.time)}, {"state", name_of(event.state)}};
  if (!event.reason.empty()) out["reason"] = event.reason;
  if (event.supervisor) out["supervisor"] = *event.supervisor;
  if (event.worker) out["worker"] = *event.worker;
  if (event.exit_code) out["exit_code"] = *event.exit_code;
  if (event.failure) out["failure"] = *event.failure;
  if (event.data_fingerprint) out["data_fingerprint"] = *event.data_fingerprint;
  if (!event.environment.empty()) out["environment"] = event.environment;
  if (event.restart) out["restart"] = *event.restart;
  if (!event.host.empty()) out["host"] = event.host;
  if (!event.mark.empty()) out["mark"] = event.mark;
  if (!event.control_group.empty()) out["control_group"] = event.control_group.string();
  if (!event.slurm_job.empty()) out["slurm_job"] = event.slurm_job;
  if (!event.summary_sha256.empty()) out["summary_sha256"] = event.summary_sha256;
}

Event parse_event(const json& in) {
  Event event;
  event.time = parse_iso8601(field<std::string>(in, "time"));
  event.state = parse_state(field<std::string>(in, "state"));
  event.reason = field_or<std::string>(in, "reason", "");
  event.supervisor = optional_object(in, "supervisor", parse_process_identity);
  event.worker = optional_object(in, "worker", parse_process_identity);
  event.exit_code = optional_field<int>(in, "exit_code");
  event.failure = optional_object(in, "failure", parse_failure);
  event.data_fingerprint = optional_field<std::string>(in, "data_fingerprint");
  event.environment = field_or<std::string>(in, "environment", "");
  event.restart = optional_field<int>(in, "restart");
  event.host = field_or<std::string>(in, "host", "");
  event.mark = field_or<std::string>(in, "mark", "");
  event.control_group = field_or<std::string>(in, "control_group", "");
  event.slurm_job = field_or<std::string>(in, "slurm_job", "");
  event.summary_sha256 = field_or<std::string>(in, "summary_sha256", "");
  return event;
}

void to_json(json& out, const RunSummary& summary) {
  out = {{"schema", kSummarySchema}};
  out.update(json(summary.metrics));
  out["outputs"] = summary.outputs;
  out["resources"] = or_null(summary.resources);
  out["records"] = summary.records;
}

RunSummary parse_run_summary(const json& in) {
  require_schema(in, kSummarySchema, "run summary");
  RunSummary summary{parse_metric_summary(in), {}, optional_object(in, "resources", parse_resource_use), {}};
  for (const json& file : field<json>(in, "outputs")) summary.outputs.push_back(parse_hashed_file(file));
  for (const json& file : field_or<json>(in, "records", json::array()))
    summary.records.push_back(parse_hashed_file(file));
  return summary;
}

void to_json(json& out, const RunRecord& record) {
  const RunDefinition& run = record.definition;
  const json metrics = record.summary.metrics;
  json restarts = json::array(), notes = json::array();
  for (const Note& note : record.notes)
    notes.push_back({{"time", to_iso8601(note.time)}, {"text", note.text}});
  for (const Restart& restart : record.restarts)
    restarts.push_back({{"time", to_iso8601(restart.time)}, {"reason", restart.reason}});
  out = {{"schema", kRunSchema},
         {"id", run.id},
         {"experiment", run.experiment},
         {"compute", run.compute},
         {"display_name", run.display_name},
         {"description", run.description},
         {"state", name_of(record.state)},
         {"reason", record.reason},
         {"queue_position", or_null(record.queue_position)},
         {"slurm", nullptr},
         {"exit_code", or_null(record.exit_code)},
         {"submitted_at", to_iso8601(run.submitted_at)},
         {"started_at", time_or_null(record.started_at)},
         {"ended_at", time_or_null(record.ended_at)},
         {"tags", run.tags},
         {"notes", std::move(notes)},
         {"archived", record.archived},
         {"metrics", metrics["metrics"]},
         {"best", metrics["best"]},
         {"outputs", record.summary.outputs},
         {"failure", or_null(record.failure)},
         {"restarts", std::move(restarts)},
         {"resumed_from", text_or_null(run.resumed_from)},
         {"reproduces", text_or_null(run.reproduces)},
         {"data", nullptr},
         {"snapshot", text_or_null(run.snapshot)},
         {"git", or_null(run.git)},
         {"environment", text_or_null(record.environment)},
         {"conditions", record.conditions},
         {"resources", or_null(record.summary.resources)},
         {"job", run.job}};
  out["metrics_skipped"] = metrics.value("metrics_skipped", json(nullptr));
  if (!run.slurm_cluster.empty())
    out["slurm"] = {{"cluster", run.slurm_cluster}, {"job", text_or_null(record.slurm_job)}};
  if (run.data) out["data"] = {{"name", run.data->name}, {"fingerprint", run.data->fingerprint}};
}

RunRecord fold(RunDefinition definition, const std::vector<Event>& events) {
  RunRecord record;
  record.definition = std::move(definition);
  for (const Event& event : events) {
    if (event.state != record.state || !event.reason.empty()) record.reason = event.reason;
    record.state = event.state;
    if (event.state == State::running && !record.started_at) record.started_at = event.time;
    record.end_is_recorded = is_terminal(event.state);
    if (record.end_is_recorded) record.ended_at = event.time;
    if (event.supervisor) record.supervisor = event.supervisor;
    if (event.worker) record.worker = event.worker;
    if (!event.host.empty()) record.host = event.host;
    if (!event.mark.empty()) record.mark = event.mark;
    if (!event.control_group.empty()) record.control_group = event.control_group;
    if (!event.slurm_job.empty()) record.slurm_job = event.slurm_job;
    if (!event.environment.empty()) record.environment = event.environment;
    if (event.exit_code) record.exit_code = event.exit_code;
    if (event.failure) record.failure = event.failure;
    if (event.restart) record.restarts.push_back({event.time, event.reason});
    if (event.data_fingerprint && record.definition.data)
      record.definition.data->fingerprint = *event.data_fingerprint;
  }
  return record;
}

int exit_code_of(const RunRecord& record) {
  switch (record.state) {
    case State::completed:
      return 0;
    case State::canceled:
      return static_cast<int>(category::canceled);
    case State::failed:
      break;
    default:
      throw Error(category::internal, "run " + record.definition.id + " has not ended");
  }
  const std::string cause = record.failure ? record.failure->category : "";
  for (const category kind : {category::timed_out, category::environment})
    if (cause == name_of(kind)) return static_cast<int>(kind);
  return static_cast<int>(category::run_failed);
}

}  // namespace amltrain
