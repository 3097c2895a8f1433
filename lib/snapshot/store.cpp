#include "snapshot/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <set>

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/scratch_folder.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// From this many files on, one flush of the file system costs less than one of each.
constexpr std::size_t kManyFiles = 32;

bool has_content(const Workspace& workspace, const SnapshotFile& file) {
  std::error_code absent;
  const auto bytes = fs::file_size(workspace.content_file(file.sha256), absent);
  return !absent && bytes == file.bytes;  // an object of another size was cut: it is made anew
}

/// Contents that are on disk in the folder `made` get their names, which sync_names() brings to disk. None is
/// ever taken back: another may have found it meanwhile and rely on it. What no snapshot names a gc frees.
void give_names(const Workspace& workspace, const fs::path& made, const std::set<std::string>& hashes) {
  for (const std::string& hash : hashes) {
    const fs::path target = workspace.content_file(hash);
    create_folders(target.parent_path());
    rename_unsynced(made / hash, target);
  }
}

/// Of all contents of a snapshot, before its document is published: a content that was found may be one whose
/// name another process has made and not brought to disk yet, or could not.
void sync_names(const Workspace& workspace, const Snapshot& snapshot) {
  std::set<fs::path> folders;
  for (const SnapshotFile& file : snapshot.files) {
    const fs::path group = workspace.content_file(file.sha256).parent_path();
    folders.insert({group, group.parent_path()});
  }
  if (folders.size() >= kManyFiles) return sync_file_system(open_folder(*folders.begin()).get());
  for (const fs::path& folder : folders) sync_folder(folder);
}

/// Copies of contents, made under tmp/ and given their names when all are on disk.
class Staging {
 public:
  explicit Staging(const Workspace& workspace)
      : workspace_(workspace),
        folder_(workspace.scratch_folder() / ("snapshot-" + random_hex(8))),
        opened_(open_folder(folder_.path())) {}

  /// Streams the file at `path` below `source`; it must still have the hash.
  void copy(int source, const SnapshotFile& file) {
    const fs::path target = folder_.path() / file.sha256;
    const Fd from = open_beneath(source, file.path, O_RDONLY | O_NONBLOCK);
    const Fd to = open_beneath(opened_.get(), file.sha256, O_WRONLY | O_CREAT | O_EXCL, 0444);
    Sha256 hash;
    read_pieces(from.get(), file.path, [&](std::span<const std::byte> piece) {
      hash.update(piece);
      write_all(to.get(), piece, target);
    });
    if (hash.finish() != file.sha256)
      throw Error(category::conflict, "'" + file.path + "' changed while the snapshot was taken",
                  "submit again once nothing writes to it");
    copied_.insert(file.sha256);
  }

  void publish() {
    if (copied_.empty()) return;
    if (copied_.size() >= kManyFiles)
      sync_file_system(opened_.get());
    else
      for (const std::string& name : copied_) sync_one(folder_.path() / name);
    give_names(workspace_, folder_.path(), copied_);
  }

 private:
  static void sync_one(const fs::path& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) throw_errno("cannot open " + path.string());
    sync_file(file.get(), path);
  }

  const Workspace& workspace_;
  ScratchFolder folder_;
  Fd opened_;
  std::set<std::string> copied_;
};

/// `any_new`: contents got their names. Where none did and the document is there, only its own name may not
/// be on disk yet: the names of its contents were before it.
void publish_document(const Workspace& workspace, const Snapshot& snapshot, const std::string& hash,
                      bool any_new) {
  const fs::path document = workspace.snapshot_file(hash);
  std::error_code unreadable;
  const bool known = fs::exists(document, unreadable);
  if (any_new || !known) sync_names(workspace, snapshot);
  if (known) return sync_folder(document.parent_path());
  create_folders(document.parent_path());
  publish_file(document, to_text(snapshot));
}

}  // namespace

std::string store_snapshot(const Workspace& workspace, const SourceScan& scan) {
  std::map<std::string, const SnapshotFile*> absent;  // by content
  for (const SnapshotFile& file : scan.snapshot.files) {
    if (!has_content(workspace, file)) absent.emplace(file.sha256, &file);
  }
  if (!absent.empty()) {
    const Fd source = open_folder(scan.folder);
    Staging staging(workspace);
    for (const auto& [hash, file] : absent) staging.copy(source.get(), *file);
    staging.publish();
  }
  std::string hash = scan.snapshot.sha256();
  publish_document(workspace, scan.snapshot, hash, !absent.empty());
  return hash;
}

void adopt_snapshot(const Workspace& workspace, const Snapshot& snapshot, const fs::path& folder) {
  std::set<std::string> absent;
  for (const SnapshotFile& file : snapshot.files) {
    if (has_content(workspace, file) || !absent.insert(file.sha256).second) continue;
    const fs::path made = folder / file.sha256;
    std::error_code unreadable;
    if (!fs::is_regular_file(made, unreadable) || sha256_of_file(made) != file.sha256)
      throw Error(category::bad_input, "the content of '" + file.path + "' is missing or damaged");
    fs::permissions(made, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  }
  give_names(workspace, folder, absent);
  publish_document(workspace, snapshot, snapshot.sha256(), !absent.empty());
}

Snapshot read_snapshot(const Workspace& workspace, const std::string& sha256) {
  const fs::path document = workspace.snapshot_file(sha256);
  const Snapshot snapshot =
      parse_snapshot(parse_json(read_file(document), document.string()), document.string());
  if (snapshot.sha256() != sha256)
    throw Error(category::bad_input, document.string() + " holds another snapshot",
                "submit the run's source again");
  return snapshot;
}

}  // namespace amltrain
