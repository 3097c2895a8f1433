#include "job/input_location.hpp"

#include "dataset/dataset.hpp"
#include "job/command_job.hpp"
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

InputLocation locate_registered(const Workspace& workspace, const std::string& reference) {
  const DataSet data = read_data(workspace, data_name(reference));
  return {data.name, data.folder, data.fingerprint, true};
}

void require_type(const std::string& name, const JobInput& input, const fs::path& path) {
  if (!fs::exists(path))
    throw Error(category::not_found,
                "input '" + name + "': there is no data and no path '" + input.value + "'",
                "see the data with: amltrain data list; or give the path of a " +
                    std::string(input.type == "uri_file" ? "file" : "folder"));
  const bool wants_folder = input.type == "uri_folder";
  if (fs::is_directory(path) != wants_folder)
    throw Error(category::bad_input,
                "input '" + name + "' is a " + (wants_folder ? "uri_folder" : "uri_file") + ", but " +
                    path.string() + (wants_folder ? " is a file" : " is a folder"),
                std::string("write type: ") + (wants_folder ? "uri_file" : "uri_folder"));
}

}  // namespace

InputLocation locate_input(const Workspace& workspace, const std::string& name, const JobInput& input) {
  if (is_data_reference(input.value))
    return locate_registered(workspace, input.value.substr(std::string_view("azureml:").size()));
  const bool word = !input.value.empty() && input.value.find('/') == std::string::npos &&
                    input.value != "." && input.value != "..";
  if (word) {
    for (const std::string& known : workspace.data()) {
      if (known == input.value) return locate_registered(workspace, known);
    }
  }
  const fs::path path = fs::absolute(input.value).lexically_normal();
  require_type(name, input, input.value.empty() ? fs::path() : path);
  return {path.string(), path, "", false};
}

std::map<std::string, std::string> placeholder_values(const Workspace& workspace, const JobDefinition& job,
                                                      const fs::path& outputs) {
  std::map<std::string, std::string> values;
  for (const auto& [name, input] : job.inputs) {
    values["inputs." + name] =
        input.type == "literal" ? input.value : locate_input(workspace, name, input).path.string();
  }
  for (const auto& output : job.outputs)
    values["outputs." + output.first] = (outputs / output.first).string();
  return values;
}

}  // namespace amltrain
