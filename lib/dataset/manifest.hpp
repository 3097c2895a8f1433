// files.sha256: the hash of every file of fetched data, beside data.json.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "support/file_set.hpp"

namespace amltrain {

inline constexpr const char* kManifest = "files.sha256";

/// Hashes all below FOLDER/files, images or not, and writes the manifest in the form of sha256sum(1), so that
///   cd FOLDER/files && sha256sum --check ../files.sha256
/// compares them too. Returns its own SHA-256, which data.json keeps.
std::string write_manifest(const std::filesystem::path& folder);

/// Path and hash of each file; `bytes` is not known. Throws Error{not_found}, Error{bad_input} with the line.
std::vector<HashedFile> read_manifest(const std::filesystem::path& folder);

}  // namespace amltrain
