#include "job/input_location.hpp"

#include "dataset/dataset.hpp"
#include "job/job_paths.hpp"
#include "job/secret_inputs.hpp"
#include "registry/model.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// NAME of NAME, NAME:VERSION and NAME@latest. Data of a workspace has one version.
std::string data_name(const std::string& reference) {
  const std::size_t end = reference.find_first_of(":@");
  if (end == std::string::npos) return reference;
  const std::string version = reference.substr(end + 1);
  if (version != "1" && version != "latest")
    throw Error(category::not_found,
                "data '" + reference.substr(0, end) + "' has no version '" + version + "'",
                "data of a workspace has one version: write azureml:" + reference.substr(0, end));
  return reference.substr(0, end);
}

InputLocation data_location(const Workspace& workspace, const std::string& reference) {
  const DataSet data = read_data(workspace, data_name(reference));
  return {data.name, data.folder, data.fingerprint, "azureml:" + data.name};
}

InputLocation model_location(const Workspace& workspace, const std::string& reference) {
  const auto parsed = parse_model_reference(reference);
  if (!parsed)
    throw Error(category::bad_input, "'" + reference + "' is no model", "write azureml:NAME:VERSION");
  const ModelVersion model = read_model(workspace, *parsed);
  const std::string name = model.name + ":" + std::to_string(model.version);
  return {name, workspace.model_version_folder(model.name, model.version), "", "azureml:" + name};
}

bool is_model(const JobInput& input) { return input.type.ends_with("_model"); }

void require_type(const std::string& name, const JobInput& input, const fs::path& path) {
  if (!fs::exists(path))
    throw Error(category::not_found,
                "input '" + name + "': there is no data and no path '" + input.value + "'",
                "see the data with: amltrain data list; or give the path of a " +
                    std::string(input.type == "uri_file" ? "file" : "folder"));
  if (is_model(input)) return;  // a file or a folder
  const bool wants_folder = input.type == "uri_folder";
  if (fs::is_directory(path) != wants_folder)
    throw Error(category::bad_input,
                "input '" + name + "' is a " + (wants_folder ? "uri_folder" : "uri_file") + ", but " +
                    path.string() + (wants_folder ? " is a file" : " is a folder"),
                std::string("write type: ") + (wants_folder ? "uri_file" : "uri_folder"));
}

}  // namespace

InputLocation locate_input(const Workspace& workspace, const std::string& name, const JobInput& input) {
  if (is_web_address(input.value)) return {recorded_path(input), {}, "", ""};
  if (is_data_reference(input.value)) {
    const std::string reference = input.value.substr(std::string_view("azureml:").size());
    return is_model(input) ? model_location(workspace, input.value) : data_location(workspace, reference);
  }
  const bool word = !input.value.empty() && input.value.find('/') == std::string::npos &&
                    input.value != "." && input.value != "..";
  if (word && !is_model(input)) {
    for (const std::string& known : workspace.data()) {
      if (known == input.value) return data_location(workspace, known);
    }
  }
  const fs::path path = fs::absolute(input.value).lexically_normal();
  require_type(name, input, input.value.empty() ? fs::path() : path);
  return {path.string(), path, "", ""};
}

bool is_copied(const JobInput& input) {
  return input.type != "literal" && (input.mode == "download" || is_web_address(input.value));
}

fs::path path_of_input(const Workspace& workspace, const std::string& name, const JobInput& input,
                       const fs::path& run) {
  const InputLocation location = locate_input(workspace, name, input);
  if (!is_copied(input)) return location.path;
  const fs::path copy = run / "inputs" / name;
  if (location.path.empty()) return input.type == "uri_folder" ? copy : copy / file_name_of_url(input.value);
  return fs::is_directory(location.path) ? copy : copy / location.path.filename();
}

std::map<std::string, std::string> placeholder_values(const Workspace& workspace, const JobDefinition& job,
                                                      const fs::path& run) {
  std::map<std::string, std::string> values;
  for (const auto& [name, input] : job.inputs) {
    values["inputs." + name] =
        input.type == "literal" ? input.value : path_of_input(workspace, name, input, run).string();
  }
  for (const auto& output : job.outputs)
    values["outputs." + output.first] = (run / "outputs" / output.first).string();
  return values;
}

}  // namespace amltrain
