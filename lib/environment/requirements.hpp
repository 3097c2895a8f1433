// Requirements files, made independent of the folder they lie in.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "environment/spec.hpp"

namespace amltrain {

/// Adds the lines of the file to `spec`: without comments, long ones joined, files that it includes (-r, -c)
/// put in their place, paths of files and folders (./x.whl, --find-links wheels) absolute. Throws
/// Error{not_found} for a file that is not there; Error{bad_input} naming file and line for a requirement
/// whose content is not fixed by a file (-e, a folder) and for files that include each other.
void add_requirements(EnvironmentSpec& spec, const std::filesystem::path& file);

/// SHA-256 of each file that a requirement names by its path. Throws Error{not_found}.
std::map<std::string, std::string> hash_local_files(const EnvironmentSpec& spec);

}  // namespace amltrain
