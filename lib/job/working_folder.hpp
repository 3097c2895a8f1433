// Where a run's command works.
#pragma once

#include <filesystem>
#include <string>

#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// code/ of the run for a job with source, else the run's folder.
std::filesystem::path working_folder(const JobDefinition& job, const RunPaths& paths);

/// Lays the snapshot out in code/, where `outputs` and `logs` lead to those of the run: what the command
/// leaves there is the run's at once, whatever becomes of it.
void make_working_folder(const Workspace& workspace, const std::string& snapshot, const RunPaths& paths);

/// A command may have removed outputs/ or logs/ in code/ and made its own: what lies there is moved to the
/// run's. A file of the run of the same name is replaced.
void bring_back_results(const RunPaths& paths);

/// Then: why what the command left in its outputs/ is not the run's, where it made something else of that
/// than a folder or a link into the run's; else empty.
std::string describe_strayed_outputs(const RunPaths& paths);

}  // namespace amltrain
