// Where an input of a job lies.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct InputLocation {
  std::string name;            // of the workspace's data; else the path
  std::filesystem::path path;  // absolute
  std::string fingerprint;     // known for data of the workspace
  bool registered = false;     // data of the workspace
};

/// Finds an input that is no literal. "azureml:NAME", and a bare word that is a name of the workspace's data,
/// mean that data; anything else is a path from the current folder. Throws Error{not_found}; Error{bad_input}
/// for a folder where a file is declared and the other way round.
InputLocation locate_input(const Workspace& workspace, const std::string& name, const JobInput& input);

/// The values of all placeholders: "inputs.NAME" and, below the run's folder, "outputs.NAME".
std::map<std::string, std::string> placeholder_values(const Workspace& workspace, const JobDefinition& job,
                                                      const std::filesystem::path& outputs);

}  // namespace amltrain
