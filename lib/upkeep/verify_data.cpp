#include <algorithm>

#include "dataset/lock.hpp"
#include "dataset/manifest.hpp"
#include "dataset/store.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "upkeep/findings.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// Files hashed by one task.
constexpr std::size_t kPiece = 256;

/// "ants" of "train/ants/more/1.jpg".
std::string class_of(const std::string& path) {
  const std::size_t begin = std::min(path.find('/'), path.size() - 1) + 1;
  return path.substr(begin, path.find('/', begin) - begin);
}

void check_lock(const fs::path& folder, const fs::path& images, Findings& found) {
  const fs::path file = folder / kDataLock;
  found.count_document();
  try {
    const DataLock lock = read_lock(file);
    const LockDifference difference = compare(lock, images, Depth::sizes);
    if (read_file(file) != to_text(lock)) found.fault(file, "content changed");
    if (!difference.none()) found.fault(file, "does not fit the images: " + describe(difference));
    for (const LockedFile& locked : lock.files)
      if (class_of(locked.file.path) != locked.label)
        found.fault(file, "has another label for " + locked.file.path + " than its folder");
  } catch (const Error& problem) {
    found.fault(file, problem.what());
  }
}

/// Without data.json nobody knows where the images are.
void check_lock_alone(const fs::path& file, Findings& found) {
  try {
    if (read_file(file) != to_text(read_lock(file))) found.fault(file, "content changed");
  } catch (const Error& problem) {
    if (problem.kind() != category::not_found) found.fault(file, problem.what());
  }
}

/// Sizes are not in the manifest: a file is as large as it is, and its hash tells the rest.
void check_piece(const fs::path& files, std::span<const HashedFile> piece, Findings& found) {
  std::vector<HashedFile> sized(piece.begin(), piece.end());
  for (HashedFile& file : sized) {
    std::error_code absent;
    const auto bytes = fs::file_size(files / file.path, absent);
    if (!absent) file.bytes = bytes;
  }
  found.files(sized, files);
}

struct Manifest {
  std::vector<HashedFile> files;  // none when it is damaged, which `problem` then says
  std::string problem;
};

Manifest read_checked(const fs::path& folder, const std::string& sha256) {
  try {
    if (sha256.empty()) return {{}, "data.json names no manifest: fetch the data again"};
    if (sha256_of_file(folder / kManifest) != sha256) return {{}, "content changed"};
    return {read_manifest(folder), ""};
  } catch (const Error& problem) {
    return {{}, problem.kind() == category::not_found ? "missing" : problem.what()};
  }
}

void add_tasks(const Workspace& workspace, const std::string& name, std::vector<Task>& tasks) {
  const fs::path folder = workspace.data_folder(name);
  std::string manifest_sha256;
  fs::path images;
  Findings found(workspace);
  const bool whole = found
                         .document(folder / kDataDocument,
                                   [&](const json& in) {
                                     const DataSet data = parse_data_set(in);
                                     require_owner("data", data.name, name);
                                     manifest_sha256 = data.manifest_sha256;
                                     images = folder / data.folder;
                                   })
                         .has_value();
  const auto manifest = std::make_shared<Manifest>();
  if (whole) {
    *manifest = read_checked(folder, manifest_sha256);
    found.count_document();
    if (!manifest->problem.empty()) found.fault(folder / kManifest, manifest->problem);
    if (manifest->problem.empty()) found.extras(manifest->files, folder / kDataFiles);
    std::error_code absent;
    if (fs::exists(folder / kDataLock, absent)) check_lock(folder, images, found);
  } else {
    check_lock_alone(folder / kDataLock, found);
  }
  tasks.emplace_back([found](Findings& all) { all.add(found); });
  for (std::size_t begin = 0; begin < manifest->files.size(); begin += kPiece)
    tasks.emplace_back([manifest, begin, files = folder / kDataFiles](Findings& all) {
      const std::span<const HashedFile> known(manifest->files);
      check_piece(files, known.subspan(begin, std::min(kPiece, known.size() - begin)), all);
    });
}

}  // namespace

std::vector<Task> data_tasks(const Workspace& workspace) {
  std::vector<Task> tasks;
  for (const std::string& name : workspace.data()) add_tasks(workspace, name, tasks);
  return tasks;
}

}  // namespace amltrain
