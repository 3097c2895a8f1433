// Requirements files, made independent of the folder they lie in.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "environment/spec.hpp"

namespace amltrain {

/// Adds the lines of the file to `spec`: without comments, long ones joined, files that it includes (-r, -c)
/// put in their place, paths of files and folders (./x.whl, --find-links wheels), seen from the file's
/// folder, absolute. Throws Error{not_found} for a file that is not there; Error{bad_input} naming file and
/// line for a requirement that no file's content fixes (-e, a folder, a file: URL), for a password in a URL,
/// and for files that include each other.
void add_requirements(EnvironmentSpec& spec, const std::filesystem::path& file);

/// The same for lines that stand in another document, called `origin` in messages; paths are seen from
/// `folder`.
void add_requirement_lines(EnvironmentSpec& spec, std::span<const std::string> lines,
                           const std::filesystem::path& folder, const std::string& origin);

/// SHA-256 of each file that a requirement names by its path. Throws Error{not_found}.
std::map<std::string, std::string> hash_local_files(const EnvironmentSpec& spec);

}  // namespace amltrain
