// Which files can be opened by their path.
#pragma once

#include <climits>
#include <filesystem>

namespace amltrain {

/// The kernel takes no longer path (PATH_MAX). Some is left for the name of a temporary file beside it, and
/// for a copy in a folder whose name is longer.
inline bool is_too_long(const std::filesystem::path& path) {
  constexpr std::size_t kLeft = 256;
  return path.native().size() + kLeft > PATH_MAX;
}

}  // namespace amltrain
