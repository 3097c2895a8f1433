#include "job/input_fingerprints.hpp"

#include <algorithm>

#include "job/data_fingerprint.hpp"
#include "job/input_location.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

bool is_data(const JobInput& input) { return input.type.starts_with("uri_"); }

/// A folder with the workspace in it changes with every run.
bool holds_store(const fs::path& path, const Workspace& workspace) {
  std::error_code problem;
  const fs::path from_it = fs::relative(workspace.store(), path, problem);
  return !problem && !from_it.empty() && *from_it.begin() != "..";
}

/// Empty for a registered model, whose files are checked by their own hashes.
fs::path path_to_name(const Workspace& workspace, const std::string& name, const JobInput& input,
                      const InputLocation& location, const fs::path& run) {
  if (!is_data(input) && !location.registered.empty()) return {};
  if (!location.path.empty()) return location.path;
  return run.empty() ? fs::path() : path_of_input(workspace, name, input, run);
}

}  // namespace

std::string name_of_data_input(const JobDefinition& job) {
  const auto named = job.inputs.find("data");
  if (named != job.inputs.end()) return is_data(named->second) ? named->first : "";
  const auto is_path = [](const auto& input) { return is_data(input.second); };
  if (std::count_if(job.inputs.begin(), job.inputs.end(), is_path) != 1) return "";
  return std::find_if(job.inputs.begin(), job.inputs.end(), is_path)->first;
}

std::map<std::string, std::string> fingerprint_inputs(const Workspace& workspace, const JobDefinition& job,
                                                      const fs::path& run, bool anew) {
  std::map<std::string, std::string> fingerprints;
  const std::string data = name_of_data_input(job);
  for (const auto& [name, input] : job.inputs) {
    if (input.type == "literal" || name == data) continue;
    const InputLocation location = locate_input(workspace, name, input);
    const fs::path path = path_to_name(workspace, name, input, location, run);
    if (path.empty() || holds_store(path, workspace)) continue;
    const bool known = !anew && !location.fingerprint.empty();
    fingerprints[name] = known ? location.fingerprint : fingerprint_data(path);
  }
  return fingerprints;
}

}  // namespace amltrain
