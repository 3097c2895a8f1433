// Inputs that a run gets copies of, or fetches.
#pragma once

#include <string>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// Makes inputs/NAME of the run for each input that is_copied(): what path_of_input() names is there then. A
/// URL is downloaded, and unpacked below inputs/NAME when the input is a folder. Takes as long as it takes.
/// Throws Error naming the input: as download() and extract() do; Error{bad_input} for links that lead around
/// in a circle; Error{environment} for a disk that is full.
void make_input_copies(const Workspace& workspace, const JobDefinition& job, const RunPaths& paths);

/// Copies a folder's files and folders, or a file, to `to`, which must not be there. Links are followed; what
/// is neither file nor folder is left out.
void copy_tree(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace amltrain
