// The inputs of a run by their content, beyond the one that it is known by.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// The input that data_of() names: "data", else the only folder or file that is no model. Empty: none.
std::string name_of_data_input(const JobDefinition& job);

/// fingerprint_data() by name of the input, of all other folders, files and models that are no registered
/// ones, but for a folder with the workspace in it. What was fetched lies below `run`, the run's folder;
/// without one it is left out. Data of the workspace have the fingerprint that is on record, `anew` that of
/// what is there now.
std::map<std::string, std::string> fingerprint_inputs(const Workspace& workspace, const JobDefinition& job,
                                                      const std::filesystem::path& run, bool anew = false);

}  // namespace amltrain
