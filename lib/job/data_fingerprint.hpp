// The name of data by its content.
#pragma once

#include <filesystem>
#include <string>

namespace amltrain {

/// fingerprint() of an image folder; else "sha256:HEX" over the paths, sizes and hashes of all files, or of
/// the file.
std::string fingerprint_data(const std::filesystem::path& data);

}  // namespace amltrain
