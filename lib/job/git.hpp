// Asks git about a folder of source.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "history/git_state.hpp"

namespace amltrain {

struct GitAnswer {
  GitState state;
  std::string diff;  // that `state.diff` describes; to be written as source.diff of the run
};

/// Where `folder` stands in its repository, and what in it differs from the commit. A workspace in it doesn't
/// count. Files with secrets are named and not quoted; a difference of more than 16 MiB is not kept. Absent
/// outside of a repository, where there is no git, and when git does not answer within a few seconds. Runs
/// nothing that the repository's own settings name (hooks, external diffs, monitors).
std::optional<GitAnswer> ask_git(const std::filesystem::path& folder);

/// The sections ("diff --git ...") of `diff` that hold no secret; the paths of the others go to `left_out`.
std::string without_secret_sections(const std::string& diff, std::vector<std::string>& left_out);

}  // namespace amltrain
