// Jobs as documents: the file that a person wrote, and the form that a run keeps.
#include "job/command_job.hpp"
#include "job/definition.hpp"
#include "job/job_paths.hpp"
#include "job/secret_inputs.hpp"
#include "job/secret_variables.hpp"
#include "job/source_change.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.job/1";

template <typename Map>
void add_unless_empty(json& out, const char* name, const Map& value) {
  if (!value.empty()) out[name] = value;
}

}  // namespace

void to_json(json& out, const JobDefinition& job) {
  out = {{"schema", kSchema}, {"type", "command"}};
  add_unless_empty(out, "name", job.name);
  add_unless_empty(out, "display_name", job.display_name);
  add_unless_empty(out, "description", job.description);
  add_unless_empty(out, "tags", job.tags);
  add_unless_empty(out, "experiment_name", job.experiment_name);
  out["compute"] = job.compute;
  out["command"] = job.command;
  add_unless_empty(out, "code", job.code);
  for (const auto& [name, input] : job.inputs) {
    json& written = out["inputs"][name];
    if (input.type == "literal") {
      written = input.value;
      continue;
    }
    written = {{"type", input.type}, {"path", recorded_path(input)}};
    if (input.mode != JobInput().mode) written["mode"] = input.mode;
  }
  for (const auto& [name, output] : job.outputs) out["outputs"][name] = {{"type", output.type}};
  add_unless_empty(out, "environment", job.environment);
  add_unless_empty(out, "environment_variables", recorded_variables(job.environment_variables));
  if (job.timeout) out["limits"]["timeout"] = job.timeout->count();
  if (job.max_restarts > 0) out["limits"]["max_restarts"] = job.max_restarts;
  if (job.queue_timeout) out["limits"]["queue_timeout"] = job.queue_timeout->count();
  if (!job.distribution.empty())
    out["distribution"] = {{"type", job.distribution}, {"process_count_per_instance", job.procs_per_node}};
  if (job.nodes > 1) out["resources"]["instance_count"] = job.nodes;
  if (job.min_nodes > 0) out["resources"]["min_instance_count"] = job.min_nodes;
  if (job.slots > 1) out["resources"]["slots"] = job.slots;
  if (job.priority != kUsualPriority) out["queue_settings"]["priority"] = job.priority;
  for (const Predecessor& before : job.after) out["queue_settings"]["after"].push_back(to_text(before));
}

JobDefinition parse_job(const json& in) {
  require_schema(in, kSchema, "the job");
  return command_job({"job", in, {}});
}

JobDefinition job_of_document(const SourceDocument& document) {
  JobDefinition job = command_job(document);
  const std::filesystem::path& folder = document.folder;
  if (!job.code.empty()) job.code = (folder / job.code).lexically_normal().string();
  for (auto& [name, input] : job.inputs) {
    if (input.type != "literal" && !is_data_reference(input.value) && !has_scheme(input.value))
      input.value = (folder / input.value).lexically_normal().string();
  }
  return job;
}

JobDefinition read_job_file(const std::filesystem::path& file, const std::vector<std::string>& changes) {
  return job_of_document(read_changed_source(file, changes));
}

}  // namespace amltrain
