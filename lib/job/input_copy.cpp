#include "job/input_copy.hpp"

#include <fcntl.h>

#include <algorithm>

#include "job/input_location.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "transfer/download.hpp"
#include "transfer/extract.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

void copy_file_beneath(const fs::path& from, int root, const fs::path& to) {
  const bool executable = (fs::status(from).permissions() & fs::perms::owner_exec) != fs::perms::none;
  const Fd target = open_beneath(root, to, O_WRONLY | O_CREAT | O_EXCL, executable ? 0777 : 0666);
  read_pieces(from, [&](std::span<const std::byte> piece) { write_all(target.get(), piece, to); });
}

/// `above`: the folders that lead here, each by its own name, to tell a circle of links.
void copy_folder_beneath(const fs::path& from, int root, const fs::path& to, std::vector<fs::path>& above) {
  const fs::path real = fs::canonical(from);
  if (std::find(above.begin(), above.end(), real) != above.end())
    throw Error(category::bad_input, from.string() + " leads back to " + real.string() + ", which holds it",
                "take the link out, or give the input the mode ro_mount");
  above.push_back(real);
  if (!to.empty()) create_folders_beneath(root, to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const fs::path target = to / entry.path().filename();
    std::error_code dangling;
    const fs::file_type type = entry.status(dangling).type();
    if (type == fs::file_type::directory) copy_folder_beneath(entry.path(), root, target, above);
    if (type == fs::file_type::regular) copy_file_beneath(entry.path(), root, target);
  }
  above.pop_back();
}

void refuse_own_copy(const fs::path& from, const fs::path& to) {
  const fs::path source = fs::canonical(from), target = fs::canonical(to);
  if (std::mismatch(source.begin(), source.end(), target.begin(), target.end()).first == source.end())
    throw Error(category::bad_input,
                source.string() + " holds the run's own folder, to which it would be copied",
                "give the input the mode ro_mount, or name the folder within that is meant");
}

void fetch(const JobInput& input, const fs::path& to) {
  if (input.type != "uri_folder") {
    create_folders(to.parent_path());
    download(input.value, to, {});
    return;
  }
  const fs::path archive = to.string() + ".archive";
  download(input.value, archive, {});
  create_folders(to);
  extract(archive, to);
  fs::remove(archive);
}

}  // namespace

void copy_tree(const fs::path& from, const fs::path& to) try {
  const bool is_folder = fs::is_directory(from);
  const fs::path folder = is_folder ? to : to.parent_path();
  create_folders(folder);
  if (is_folder) refuse_own_copy(from, folder);
  const Fd root = open_folder(folder);
  std::vector<fs::path> above;
  if (is_folder)
    copy_folder_beneath(from, root.get(), {}, above);
  else
    copy_file_beneath(from, root.get(), to.filename());
} catch (const fs::filesystem_error& problem) {
  throw_errno("cannot copy " + problem.path1().string(), problem.code().value());
}

void make_input_copies(const Workspace& workspace, const JobDefinition& job, const RunPaths& paths) {
  for (const auto& [name, input] : job.inputs) {
    if (!is_copied(input)) continue;
    try {
      create_folders(paths.inputs());
      const InputLocation location = locate_input(workspace, name, input);
      const fs::path copy = path_of_input(workspace, name, input, paths.folder);
      if (location.path.empty())
        fetch(input, copy);
      else
        copy_tree(location.path, copy);
    } catch (const Error& problem) {
      throw Error(problem.kind(), "input '" + name + "': " + problem.what(), problem.hint());
    }
  }
}

}  // namespace amltrain
