#include <algorithm>

#include "history/experiment.hpp"
#include "history/run_store.hpp"
#include "snapshot/store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/nesting.hpp"
#include "support/scratch_folder.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"
#include "transfer/extract.hpp"
#include "upkeep/recorded_files.hpp"
#include "upkeep/run_archive.hpp"
#include "workspace/making.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestDocument = std::uint64_t{256} << 20;

class Unpacked {
 public:
  Unpacked(const Workspace& workspace, const fs::path& archive)
      : folder_(workspace.scratch_folder() / ("import-" + random_hex(8))), archive_(archive) {
    extract(archive, folder_.path());
  }

  fs::path operator/(const std::string& name) const { return folder_.path() / name; }

  /// A document with a seal that fits.
  json document(const fs::path& file, const char* schema) const {
    const std::string text = text_of(file);
    if (check_seal(text) != Seal::fits) refuse(name_of_entry(file) + " is damaged");
    json document = parse_json(text, name_of_entry(file));
    require_schema(document, schema, name_of_entry(file));
    return document;
  }

  /// Of a document, which is not nested so deeply that it means harm.
  std::string text_of(const fs::path& file) const {
    if (!fs::is_regular_file(file)) refuse("it has no " + name_of_entry(file));
    std::string text = read_file(file, kLargestDocument);
    if (is_nested_too_deeply(text)) refuse("it holds a document that is nested too deeply");
    return text;
  }

  /// Exactly the files that `listed` says, with the hashes that it says.
  void require_listed(std::vector<HashedFile> listed) const {
    const auto by_path = [](const HashedFile& left, const HashedFile& right) {
      return left.path < right.path;
    };
    std::sort(listed.begin(), listed.end(), by_path);
    std::vector<HashedFile> there = hash_tree(folder_.path());
    std::erase_if(there, [](const HashedFile& file) { return file.path == run_archive::kList; });
    const auto [left, right] = std::mismatch(listed.begin(), listed.end(), there.begin(), there.end());
    if (left == listed.end() && right == there.end()) return;
    refuse("its list of files and '" + (left == listed.end() ? right->path : left->path) + "' do not fit");
  }

  /// Of every document and event directly in `folder`.
  void require_shallow_documents(const fs::path& folder) const {
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.is_regular_file() && entry.path().extension().string().starts_with(".json") &&
          entry.path().filename() != "metrics.jsonl")  // read a line at a time, and may be larger than memory
        text_of(entry.path());
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(category::bad_input, archive_.string() + " is no run that can be taken in: " + why,
                "nothing was kept; export the run again: amltrain runs export RUN");
  }

 private:
  std::string name_of_entry(const fs::path& file) const {
    return file.lexically_relative(folder_.path()).string();
  }

  ScratchFolder folder_;
  fs::path archive_;
};

/// The run's definition, once it is known to be what the list says, whole, and ended.
RunDefinition read_ended(const Unpacked& unpacked, const RunPaths& run) {
  unpacked.document(run.definition(), "amltrain.run/1");
  RunDefinition definition = read_definition(run);
  require_name("experiment", definition.experiment);
  if (!is_terminal(read_events(run).back().state)) unpacked.refuse("the run has not ended");
  read_notes(run);
  return definition;
}

void adopt_source(const Workspace& workspace, const Unpacked& unpacked, const std::string& hash) {
  const std::string name = run_archive::kSnapshot;
  const Snapshot snapshot = parse_snapshot(parse_json(unpacked.text_of(unpacked / name), name), name);
  if (snapshot.sha256() != hash) unpacked.refuse("its snapshot is not the run's");
  adopt_snapshot(workspace, snapshot, unpacked / run_archive::kContent);
}

}  // namespace

ImportedRun import_run(const Workspace& workspace, const fs::path& archive) {
  const FileLock unnamed = hold_off_gc(workspace);
  const Unpacked unpacked(workspace, archive);
  const json list = unpacked.document(unpacked / run_archive::kList, run_archive::kListSchema);
  const auto id = field<std::string>(list, "run");
  require_name("run", id);
  std::vector<HashedFile> files;
  for (const json& file : field<json>(list, "files")) files.push_back(parse_hashed_file(file));
  unpacked.require_listed(files);
  if (fs::exists(workspace.run_folder(id)))
    throw Error(category::conflict, "run " + id + " is in the workspace already",
                "to replace it, first: amltrain runs delete " + id);
  const RunPaths run(unpacked / run_archive::kRun / id);
  if (!fs::is_directory(run.folder)) unpacked.refuse("it has no run " + id);
  unpacked.require_shallow_documents(unpacked / "");
  unpacked.require_shallow_documents(run.folder);
  const RunDefinition definition = read_ended(unpacked, run);
  auto differences = differences_from_record(run, files, run_archive::prefix_of(id));
  const json experiment = unpacked.document(unpacked / run_archive::kExperiment, "amltrain.experiment/1");
  if (!definition.snapshot.empty()) adopt_source(workspace, unpacked, definition.snapshot);
  ensure_experiment(workspace, definition.experiment, parse_experiment(experiment).description);
  create_folders(run.logs());  // an empty folder is not in the archive
  create_folders(run.outputs());
  fs::permissions(run.folder, fs::perms::owner_all);  // as RunWriter makes them: there may be secrets in it
  rename_into_place(run.folder, workspace.run_folder(id), AtomicFile::existing::refuse);
  return {id, std::move(differences)};
}

}  // namespace amltrain
