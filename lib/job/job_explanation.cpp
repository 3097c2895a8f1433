#include "job/job_explanation.hpp"

#include <algorithm>

#include "job/source_change.hpp"

namespace amltrain {
namespace {

/// Of a job that has no other fault: on the command line, --data may still define inputs.data.
void explain_placeholders(JobExplanation& explanation, const JobDefinition& job) {
  std::map<std::string, std::string> values;
  for (const auto& input : job.inputs) values["inputs." + input.first] = "";
  for (const auto& output : job.outputs) values["outputs." + output.first] = "";
  try {
    expand_command(job, values);
  } catch (const Error& problem) {
    const auto command = std::find_if(explanation.fields.begin(), explanation.fields.end(),
                                      [](const FieldAccount& field) { return field.path == "command"; });
    command->standing = Standing::refused;
    command->here = problem.what();
    command->hint = problem.hint();
    explanation.faults.push_back(problem);
  }
}

}  // namespace

void to_json(json& out, const JobExplanation& explanation) {
  json fields = json::array();
  for (const FieldAccount& field : explanation.fields)
    fields.push_back({{"field", field.path},
                      {"line", field.line > 0 ? json(field.line) : json(nullptr)},
                      {"value", field.value},
                      {"standing", name_of(field.standing)},
                      {"here", field.here},
                      {"hint", field.hint}});
  out = {{"schema", "amltrain.job-explanation/1"},
         {"file", explanation.file},
         {"ok", explanation.faults.empty()},
         {"fields", std::move(fields)}};
}

JobExplanation explain_job_file(const std::filesystem::path& file, const std::vector<std::string>& changes) {
  return explain_document(read_changed_source(file, changes));
}

JobExplanation explain_document(const SourceDocument& document) {
  CommandJobReading read = read_command_job(document);
  JobExplanation explanation{document.origin, std::move(read.fields), std::move(read.faults)};
  if (explanation.faults.empty()) explain_placeholders(explanation, read.job);
  return explanation;
}

json job_fields() {
  json fields = json::array();
  for (const SchemaRow& row : job_schema()) {
    if (row.path == "schema") continue;  // of the stored form
    fields.push_back({{"field", row.path},
                      {"value", row.value.empty() ? json(nullptr) : json(row.value)},
                      {"standing", name_of(row.standing)},
                      {"here", row.here}});
  }
  return {{"schema", "amltrain.job-fields/1"}, {"fields", std::move(fields)}};
}

}  // namespace amltrain
