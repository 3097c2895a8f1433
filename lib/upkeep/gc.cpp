#include "upkeep/gc.hpp"

#include <chrono>
#include <numeric>
#include <set>

#include "environment/store.hpp"
#include "history/run_store.hpp"
#include "snapshot/store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "workspace/making.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{10};
/// A temporary file that was written to since then may still get its name.
constexpr std::chrono::hours kUnused{1};
constexpr std::string_view kDownload = "data-";

std::uint64_t size_of(const fs::path& path) {
  std::error_code gone;
  if (!fs::is_directory(fs::symlink_status(path, gone)))
    return fs::is_regular_file(path, gone) ? fs::file_size(path, gone) : 0;
  std::uint64_t sum = 0;
  for (fs::recursive_directory_iterator item(path, gone), end; !gone && item != end; item.increment(gone))
    if (item->is_regular_file(gone) && !item->is_symlink(gone)) sum += item->file_size(gone);
  return sum;
}

class Collector {
 public:
  explicit Collector(const Workspace& workspace) : workspace_(workspace) {}

  /// All that is not needed, while nobody makes anything.
  std::vector<Garbage> find() {
    // Before the runs are read: an environment that is built for one of them meanwhile is not looked at.
    const std::vector<std::string> environments = workspace_.environments();
    const Needs needs = find_needs(!environments.empty());
    find_snapshots(needs);
    find_environments(environments, needs);
    find_scratch();
    find_temporary_files();
    return std::move(found_);
  }

 private:
  void add(const std::string& kind, const fs::path& path) {
    found_.push_back({kind, path.lexically_relative(workspace_.store()).generic_string(), size_of(path)});
  }

  /// What runs name.
  struct Needs {
    std::set<std::string> snapshots, environments;
  };

  /// Which environment a run has is in its events; they are not read where there is none.
  Needs find_needs(bool with_environments) const {
    Needs needs;
    for (const RunId& id : workspace_.runs()) add_needs(id, with_environments, needs);
    return needs;
  }

  void add_needs(const RunId& id, bool with_environments, Needs& needs) const try {
    const RunPaths run(workspace_, id);
    if (!with_environments) {
      needs.snapshots.insert(read_definition(run).snapshot);
      return;
    }
    const RunRecord record = read_recorded(run);
    needs.snapshots.insert(record.definition.snapshot);
    needs.environments.insert(record.environment);
  } catch (const Error& problem) {
    if (problem.kind() == category::not_found && !fs::exists(workspace_.run_folder(id))) return;  // deleted
    throw Error(category::bad_input,
                "run " + id + " can't be read, so nobody knows what it needs: " + problem.what(),
                "nothing was freed; if the run is of no use any more: amltrain runs delete " + id);
  }

  void find_snapshots(const Needs& needs) {
    std::set<std::string> contents;
    for (const std::string& hash : workspace_.snapshots()) {
      if (!needs.snapshots.contains(hash)) {
        add("snapshot", workspace_.snapshot_file(hash));
        continue;
      }
      for (const SnapshotFile& file : read_snapshot(workspace_, hash).files) contents.insert(file.sha256);
    }
    for (const std::string& group : workspace_.content_groups())
      for (const std::string& hash : workspace_.contents(group))
        if (!contents.contains(hash)) add("content", workspace_.content_file(hash));
  }

  /// One that is being built is held by its builder's lock.
  void find_environments(const std::vector<std::string>& all, const Needs& needs) {
    for (const std::string& hash : all) {
      if (needs.environments.contains(hash)) continue;
      auto nobody = try_lock_environment(workspace_, hash);
      if (!nobody) continue;
      held_.push_back(std::move(*nobody));
      // The document first: a folder without one counts for nothing.
      for (const fs::path& part : {workspace_.environment_file(hash), workspace_.environment_folder(hash)})
        if (fs::exists(part)) add("environment", part);
    }
  }

  /// All under tmp/ is left over, since nobody makes anything now; but a fetch has a lock of its own.
  void find_scratch() {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(workspace_.scratch_folder(), absent)) {
      const std::string name = entry.path().filename().string();
      const bool download = name.starts_with(kDownload);
      if (download) {
        auto nobody = FileLock::try_acquire(workspace_.lock_file(name));
        if (!nobody) continue;
        held_.push_back(std::move(*nobody));
      }
      add(download ? "download" : "temporary", entry.path());
    }
  }

  void find_temporary_files() {
    const fs::path& store = workspace_.store();
    std::vector<fs::path> folders{store, store / "experiments", store / "computes", store / "snapshots"};
    for (const RunId& id : workspace_.runs()) {
      folders.push_back(workspace_.run_folder(id));
      folders.push_back(RunPaths(workspace_, id).checkpoints());
    }
    for (const std::string& name : workspace_.data()) folders.push_back(workspace_.data_folder(name));
    const auto before = fs::file_time_type::clock::now() - kUnused;
    for (const fs::path& folder : folders) {
      std::error_code gone;
      for (const auto& entry : fs::directory_iterator(folder, gone))
        if (is_temporary_name(entry.path().filename().native()) && entry.last_write_time(gone) < before &&
            !gone)
          add("temporary", entry.path());
    }
  }

  const Workspace& workspace_;
  std::vector<Garbage> found_;
  std::vector<FileLock> held_;  // nobody goes on with a download, or uses an environment, that is being freed
};

/// A temporary file may have got its name, or gone, since it was seen.
void move_away(const fs::path& item, const fs::path& trash) {
  try {
    rename_unsynced(item, trash);
  } catch (const Error& problem) {
    if (problem.kind() != category::not_found) throw;
  }
}

}  // namespace

std::uint64_t Collection::bytes() const {
  return std::accumulate(items.begin(), items.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Garbage& item) { return sum + item.bytes; });
}

void to_json(json& out, const Collection& collection) {
  out = {{"schema", "amltrain.workspace-gc/1"},
         {"dry_run", collection.dry_run},
         {"bytes", collection.bytes()},
         {"items", json::array()}};
  for (const Garbage& item : collection.items)
    out["items"].push_back({{"kind", item.kind}, {"path", item.path}, {"bytes", item.bytes}});
}

Collection collect_garbage(const Workspace& workspace, bool dry_run) {
  Collection collection{dry_run, {}};
  const fs::path trash = workspace.scratch_folder() / ("trash-" + random_hex(8));
  {
    const FileLock alone = lock_for_gc(workspace, kPatience);
    Collector collector(workspace);
    collection.items = collector.find();
    if (dry_run || collection.items.empty()) return collection;
    create_folders(trash);
    for (std::size_t i = 0; i < collection.items.size(); ++i)
      move_away(workspace.store() / collection.items[i].path, trash / std::to_string(i));
  }
  // Others may make things again; another gc that takes the rest of this for a left-over does no harm.
  std::error_code ignored;
  fs::remove_all(trash, ignored);
  return collection;
}

}  // namespace amltrain
