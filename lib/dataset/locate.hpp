// Where the data is that a person named.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "workspace/workspace.hpp"

namespace amltrain {

struct LocatedData {
  std::filesystem::path root;  // that holds train/ and val/
  std::filesystem::path lock;  // where its lock lies, or would lie
};

/// A word without '/' that is a name of the workspace's data means that data, as in submit; anything else is
/// a folder. Throws Error{not_found}.
LocatedData locate_data(const std::optional<Workspace>& workspace, const std::string& name_or_folder);

/// The folder alone, by the same rule, whatever its layout. Throws Error{not_found}.
std::filesystem::path find_data_folder(const std::optional<Workspace>& workspace,
                                       const std::string& name_or_folder);

}  // namespace amltrain
