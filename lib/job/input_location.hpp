// Where an input of a job lies.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct InputLocation {
  std::string name;            // of the workspace's data or model ("birds", "pt-dnn:2"); else the path or URL
  std::filesystem::path path;  // absolute; of a URL empty
  std::string fingerprint;     // known for data of the workspace
  std::string registered;      // "azureml:..." of data or a model of the workspace; empty: none
};

/// Finds an input that is no literal. "azureml:NAME", and a bare word that is a name of the workspace's data,
/// mean that data, or that registered model when the input is one; anything else is a URL, or a path from the
/// current folder. Throws Error{not_found}; Error{bad_input} for a folder where a file is declared and the
/// other way round.
InputLocation locate_input(const Workspace& workspace, const std::string& name, const JobInput& input);

/// True when the command gets a copy of its own, inputs/NAME of the run.
bool is_copied(const JobInput& input);

/// Where the command finds the input: its location, or its copy below `run`, the run's folder.
std::filesystem::path path_of_input(const Workspace& workspace, const std::string& name,
                                    const JobInput& input, const std::filesystem::path& run);

/// The values of all placeholders: "inputs.NAME" and, below the run's folder, "outputs.NAME".
std::map<std::string, std::string> placeholder_values(const Workspace& workspace, const JobDefinition& job,
                                                      const std::filesystem::path& run);

}  // namespace amltrain
