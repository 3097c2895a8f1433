// What git itself makes of a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace amltrain::test {

bool has_git();

/// Makes `folder` a repository, with no settings of the user's.
void git_init(const std::filesystem::path& folder);

/// The untracked files below `folder` that git would not ignore, relative to it and sorted.
std::vector<std::string> git_keeps(const std::filesystem::path& folder);

}  // namespace amltrain::test
