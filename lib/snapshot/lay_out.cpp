#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "snapshot/store.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

void require_inside(const std::string& path) {
  const fs::path relative(path);
  if (!relative.has_filename() || relative.filename() == "." || relative.filename() == "..")
    throw Error(category::bad_input, "'" + path + "' is not the name of a file");
}

void write_one(const Workspace& workspace, const SnapshotFile& file, int root) {
  require_inside(file.path);
  create_folders_beneath(root, fs::path(file.path).parent_path());
  const fs::path content = workspace.content_file(file.sha256);
  const Fd target =
      open_beneath(root, file.path, O_WRONLY | O_CREAT | O_TRUNC, file.executable ? 0777 : 0666);
  Sha256 hash;
  read_pieces(content, [&](std::span<const std::byte> piece) {
    hash.update(piece);
    write_all(target.get(), piece, file.path);
  });
  if (hash.finish() != file.sha256)
    throw Error(category::bad_input,
                "the stored content of '" + file.path + "' is damaged: " + content.string(),
                "delete that file and submit the source again");
}

void link_one(const SnapshotLink& link, int root) {
  require_inside(link.path);
  const fs::path folder = fs::path(link.path).parent_path();
  create_folders_beneath(root, folder);
  const Fd at = folder.empty() ? Fd() : open_beneath(root, folder, O_PATH | O_DIRECTORY);
  const std::string name = fs::path(link.path).filename().string();
  if (symlinkat(link.target.c_str(), at ? at.get() : root, name.c_str()) != 0 && errno != EEXIST)
    throw_errno("cannot create the link '" + link.path + "'");
}

}  // namespace

void lay_out(const Workspace& workspace, const Snapshot& snapshot, const fs::path& folder) {
  create_folders(folder);
  const Fd root = open_folder(folder);
  for (const SnapshotFile& file : snapshot.files) write_one(workspace, file, root.get());
  // Last: no file is written through one.
  for (const SnapshotLink& link : snapshot.links) link_one(link, root.get());
}

}  // namespace amltrain
