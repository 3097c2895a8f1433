// The inputs and outputs of a job file.
#include "job/job_paths.hpp"
#include "job/job_takers.hpp"
#include "job/placeholders.hpp"

namespace amltrain {
namespace {

void require_placeholder_name(const std::string& name, const SourceField& field) {
  if (!is_placeholder_name(name)) field.fail("needs a name of letters, digits and _, first a letter or _");
}

}  // namespace

void take_input(JobDefinition& job, const std::string& name, const SourceField& field) {
  require_placeholder_name(name, field);
  if (field.value().is_object()) {
    job.inputs[name] = {"uri_folder", ""};
    return;
  }
  const std::string text = field.text();
  // Older files give data as a bare reference; it is no literal there either.
  job.inputs[name] = is_data_reference(text) ? JobInput{"uri_folder", text} : JobInput{"literal", text};
}

void take_input_type(JobDefinition& job, const std::string& name, const SourceField& field) {
  job.inputs[name].type = field.text();
}

void take_input_path(JobDefinition& job, const std::string& name, const SourceField& field) {
  const std::string path = field.text();
  if (path.empty()) field.fail("is empty");
  if (has_scheme(path) && !is_web_address(path))
    field.fail("is a URL that is not read here: " + path.substr(0, path.find("://") + 3),
               "write http://, https://, azureml:NAME or a path; fetch anything else first");
  job.inputs[name].value = path;
}

void take_input_mode(JobDefinition& job, const std::string& name, const SourceField& field) {
  job.inputs[name].mode = field.text();
}

void take_output(JobDefinition& job, const std::string& name, const SourceField& field) {
  require_placeholder_name(name, field);
  if (!field.value().is_object() && !field.value().is_null())
    field.fail("needs a type, or nothing", "write " + name + ": {type: uri_folder}");
  job.outputs[name] = {};
}

void take_output_type(JobDefinition& job, const std::string& name, const SourceField& field) {
  job.outputs[name].type = field.text();
}

}  // namespace amltrain
