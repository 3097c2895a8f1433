#include "job/job_paths.hpp"

#include <algorithm>

#include "job/command_job.hpp"
#include "job/placeholders.hpp"

namespace amltrain {
namespace {

const std::vector<std::string> kInputFields{"type", "path", "mode"};
const std::vector<std::string> kOutputFields{"type", "mode", "path", "name"};

bool is_url(std::string_view path) { return path.find("://") != std::string_view::npos; }

/// The word, when it is one of `honoured`.
std::string one_of(const SourceField& field, const std::vector<std::string>& honoured) {
  std::string word = field.text();
  if (std::find(honoured.begin(), honoured.end(), word) == honoured.end()) {
    std::string list = honoured.front();
    for (std::size_t index = 1; index < honoured.size(); ++index) list += ", " + honoured[index];
    field.fail("is '" + word + "', which is not honoured by this version", "honoured here: " + list);
  }
  return word;
}

std::string take_path(const SourceField& field) {
  const std::string path = field.text();
  if (path.empty()) field.fail("is empty");
  if (is_url(path))
    field.fail("is a URL, which is not honoured by this version",
               "fetch it first with amltrain data fetch, then write path: azureml:NAME");
  return path;
}

JobInput take_input(const SourceField& field) {
  if (!field.value().is_object()) {
    const std::string text = field.text();
    // Older files give data as a bare reference; it is no literal there either.
    return is_data_reference(text) ? JobInput{"uri_folder", text} : JobInput{"literal", text};
  }
  JobInput input{"uri_folder", ""};
  field.for_each([&](const std::string& name, const SourceField& member) {
    if (name == "type")
      input.type = one_of(member, {"uri_folder", "uri_file"});
    else if (name == "path")
      input.value = take_path(member);
    else if (name == "mode")
      one_of(member, {"ro_mount", "direct"});
    else
      member.fail_unknown(kInputFields);
  });
  if (input.value.empty()) field.fail("has no path");
  return input;
}

JobOutput take_output(const SourceField& field) {
  JobOutput output;
  field.for_each([&](const std::string& name, const SourceField& member) {
    if (name == "type")
      output.type = one_of(member, {"uri_folder", "uri_file"});
    else if (name == "mode")
      one_of(member, {"rw_mount", "upload"});
    else if (name == "path" || name == "name")
      member.fail("is not honoured by this version", "leave it out; the output is outputs/NAME of the run");
    else
      member.fail_unknown(kOutputFields);
  });
  return output;
}

void require_placeholder_name(const std::string& name, const SourceField& field) {
  if (!is_placeholder_name(name)) field.fail("needs a name of letters, digits and _, first a letter or _");
}

}  // namespace

bool is_data_reference(std::string_view path) { return path.starts_with("azureml:") && !is_url(path); }

void take_inputs(JobDefinition& job, const SourceField& field) {
  field.for_each([&](const std::string& name, const SourceField& member) {
    require_placeholder_name(name, member);
    job.inputs[name] = take_input(member);
  });
}

void take_outputs(JobDefinition& job, const SourceField& field) {
  field.for_each([&](const std::string& name, const SourceField& member) {
    require_placeholder_name(name, member);
    job.outputs[name] = take_output(member);
  });
}

}  // namespace amltrain
