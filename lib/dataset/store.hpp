// Data as it lies in its folder.
#pragma once

#include <filesystem>

#include "dataset/dataset.hpp"
#include "support/files.hpp"

namespace amltrain {

inline constexpr const char* kDataDocument = "data.json";
inline constexpr const char* kDataFiles = "files";

/// Writes data.json into `folder`. The images' folder is stored relative to it, so that a workspace can be
/// moved.
void store_document(const std::filesystem::path& folder, DataSet data);

}  // namespace amltrain
