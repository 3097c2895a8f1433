// Whose workspace one may work in: commands of its jobs run as the caller.
#pragma once

#include <filesystem>

namespace amltrain {

/// Throws Error{bad_input} when the folder `store` belongs to somebody else than the caller (or, under sudo,
/// who called that), or others may write to it or a folder in it, as git refuses such a repository; unless
/// AMLTRAIN_SAFE_WORKSPACE is `root`, or "*".
void require_trusted(const std::filesystem::path& root, const std::filesystem::path& store);

}  // namespace amltrain
