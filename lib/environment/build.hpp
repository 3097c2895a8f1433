// Makes a virtual environment with the tools of this machine.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "environment/python.hpp"
#include "environment/spec.hpp"
#include "support/process.hpp"

namespace amltrain {

/// Makes it in `folder`, which is there and empty. Returns the name and version of what built it. `model` is
/// how programs are started: variables, descriptors, control group. Throws as build_environment().
std::string make_virtual_environment(const std::filesystem::path& folder, const Python& python,
                                     const EnvironmentSpec& spec, const std::filesystem::path& log,
                                     const Command& model);

/// Versions by name, as the environment's own Python sees them now.
std::map<std::string, std::string> installed_packages(const std::filesystem::path& folder);

}  // namespace amltrain
