// Makes a virtual environment with the tools of this machine.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "environment/python.hpp"
#include "environment/spec.hpp"

namespace amltrain {

/// Makes it in `folder`, which is there and empty. Returns the name and version of what built it. Throws as
/// ensure_environment().
std::string build_environment(const std::filesystem::path& folder, const Python& python,
                              const EnvironmentSpec& spec, const std::filesystem::path& log);

/// Versions by name, as the environment's own Python sees them.
std::map<std::string, std::string> installed_packages(const std::filesystem::path& folder);

}  // namespace amltrain
