#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "history/experiment.hpp"
#include "history/run_store.hpp"
#include "snapshot/store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/path_limit.hpp"
#include "support/sealed.hpp"
#include "transfer/tar_writer.hpp"
#include "upkeep/delete_run.hpp"
#include "upkeep/recorded_files.hpp"
#include "upkeep/run_archive.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// Files below the run's folder that go with it, sorted.
std::vector<std::string> files_of(const RunPaths& run) {
  std::vector<std::string> files;
  std::vector<fs::path> folders{run.folder};
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    for (const fs::directory_entry& item : fs::directory_iterator(folder)) {
      const fs::path& path = item.path();
      if (path == run.code() || path == run.inputs() || is_too_long(path)) continue;
      const fs::file_type type = item.symlink_status().type();
      if (type == fs::file_type::directory) folders.push_back(path);
      const bool is_lock =
          path.extension() == ".lock" && (folder == run.folder || folder == run.checkpoints());
      if (type != fs::file_type::regular || is_lock || is_temporary_name(path.filename().native())) continue;
      files.push_back(path.lexically_relative(run.folder).generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<HashedFile> write_entries(const Workspace& workspace, const RunDefinition& run, TarWriter& tar) {
  std::vector<HashedFile> written;
  const RunPaths paths(workspace, run.id);
  const Fd root = open_folder(paths.folder);
  for (const std::string& file : files_of(paths))
    written.push_back(tar.add(root.get(), file, run_archive::prefix_of(run.id) + file));
  written.push_back(
      tar.add_text(sealed_text(read_experiment(workspace, run.experiment)), run_archive::kExperiment));
  if (run.snapshot.empty()) return written;
  const Snapshot snapshot = read_snapshot(workspace, run.snapshot);
  written.push_back(tar.add_text(to_text(snapshot), run_archive::kSnapshot));
  std::set<std::string> contents;
  for (const SnapshotFile& file : snapshot.files) contents.insert(file.sha256);
  for (const std::string& hash : contents) {
    const fs::path content = workspace.content_file(hash);
    const Fd folder = open_folder(content.parent_path());
    written.push_back(
        tar.add(folder.get(), content.filename(), std::string(run_archive::kContent) + "/" + hash));
    if (written.back().sha256 != hash)
      throw Error(category::bad_input, "the stored content " + content.string() + " is damaged",
                  "see all that is damaged with: amltrain workspace verify");
  }
  return written;
}

}  // namespace

void to_json(json& out, const ExportedRun& exported) {
  out = {{"schema", "amltrain.run-export/1"},  {"run", exported.run},
         {"path", exported.path.string()},     {"bytes", exported.bytes},
         {"sha256", exported.sha256},          {"files", exported.files},
         {"differences", exported.differences}};
}

ExportedRun export_run(const Workspace& workspace, const RunId& run, const fs::path& target) {
  const RunRecord record = read_run(workspace, run, Detail::state);
  require_ended(record, "be exported");
  ExportedRun exported;
  exported.run = run;
  exported.path = fs::absolute(target).lexically_normal();
  if (fs::exists(fs::symlink_status(exported.path)))
    throw Error(category::conflict, exported.path.string() + " exists already",
                "choose another name: --to FILE");
  AtomicFile file(exported.path, AtomicFile::existing::refuse);
  // The job's environment goes into it, and may hold a secret.
  if (fchmod(file.fd(), S_IRUSR | S_IWUSR) != 0) throw_errno("cannot create " + exported.path.string());
  {
    TarWriter tar(file);
    const std::vector<HashedFile> written =
        write_entries(workspace, read_definition(RunPaths(workspace, run)), tar);
    exported.differences =
        differences_from_record(RunPaths(workspace, run), written, run_archive::prefix_of(run));
    exported.files = written.size();
    tar.add_text(sealed_text({{"schema", run_archive::kListSchema},
                              {"run", run},
                              {"exported_at", to_iso8601(now())},
                              {"files", written}}),
                 run_archive::kList);
    tar.finish();
  }
  file.commit();
  const HashedFile whole = hash_file(exported.path.parent_path(), exported.path.filename().string());
  exported.bytes = whole.bytes;
  exported.sha256 = whole.sha256;
  return exported;
}

}  // namespace amltrain
