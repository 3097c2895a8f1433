// A run as one file: a tar archive that another workspace takes in. docs/store.md describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "history/run.hpp"
#include "support/json.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct ExportedRun {
  RunId run;
  std::filesystem::path path;  // absolute
  std::uint64_t bytes = 0;
  std::string sha256;                    // of the archive
  std::uint64_t files = 0;               // in it, but for its list
  std::vector<std::string> differences;  // of differences_from_record()
};
void to_json(json& out, const ExportedRun& exported);  // schema amltrain.run-export/1

/// Writes all that lies in the run's folder, but for locks, links, code/ and inputs/, with its snapshot and
/// experiment. The archive appears under its name when it is whole and on disk. Throws Error{conflict} when
/// that name is taken, the run has not ended, or a file changes meanwhile. Files that are not as the run left
/// them go along as they are, and are told: the archive may be all that is kept.
ExportedRun export_run(const Workspace& workspace, const RunId& run, const std::filesystem::path& target);

struct ImportedRun {
  RunId run;
  std::vector<std::string> differences;  // that it had when it was exported
};

/// Takes a run in: nothing of it is to be seen before all is whole, checked against its hashes and on disk.
/// Throws Error{bad_input} for an archive that is damaged, was not made by export_run(), or means harm
/// (links, paths that lead out, more than it says, documents nested without end); Error{conflict} when the
/// workspace has a run of that id. Then nothing is kept of it but, at most, contents that a gc frees.
ImportedRun import_run(const Workspace& workspace, const std::filesystem::path& archive);

namespace run_archive {  // names in an archive; a run's own files are below "run/ID/"
inline constexpr const char* kList = "export.json";  // schema amltrain.run-archive/1, the last entry
inline constexpr const char* kListSchema = "amltrain.run-archive/1";
inline constexpr const char* kRun = "run";
inline std::string prefix_of(const RunId& run) { return std::string(kRun) + "/" + run + "/"; }
inline constexpr const char* kExperiment = "experiment.json";
inline constexpr const char* kSnapshot = "snapshot.json";
inline constexpr const char* kContent = "content";  // folder; names are hashes
}  // namespace run_archive

}  // namespace amltrain
