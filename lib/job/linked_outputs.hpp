// Links among the files that a run leaves.
#pragma once

#include <filesystem>

namespace amltrain {

/// Each link below `folder` to a regular file below it becomes a second name of that file, so that what
/// scripts write as `best.pt -> epoch3.pt` is kept like any other. Links to folders or to elsewhere stay
/// links.
void keep_linked_files(const std::filesystem::path& folder);

}  // namespace amltrain
