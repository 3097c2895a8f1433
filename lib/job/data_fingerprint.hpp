// The name of data by its content.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "workspace/workspace.hpp"

namespace amltrain {

/// fingerprint() of an image folder; else "sha256:HEX" over the paths, sizes and hashes of all files, or of
/// the file.
std::string fingerprint_data(const std::filesystem::path& data);

/// The lock that holds for data of a run: `name` is a name of the workspace's data or a path, `data` where it
/// lies. Absent when it has none.
std::optional<std::filesystem::path> lock_of(const Workspace& workspace, const std::string& name,
                                             const std::filesystem::path& data);

}  // namespace amltrain
