#include "job/data_fingerprint.hpp"

#include <optional>

#include "dataset/locate.hpp"
#include "image/folder.hpp"
#include "support/error.hpp"
#include "support/file_set.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

std::optional<ImageFolder> as_image_folder(const std::filesystem::path& data) {
  try {
    return scan_image_folder(data);
  } catch (const Error& problem) {
    if (problem.kind() != category::bad_input) throw;
    return std::nullopt;  // data of a command that is not the trainer may look as it likes
  }
}

}  // namespace

std::string fingerprint_data(const std::filesystem::path& data) {
  if (!std::filesystem::is_directory(data)) return "sha256:" + sha256_of_file(data);
  if (const auto images = as_image_folder(data)) return fingerprint(*images);
  Sha256 hash;
  for (const HashedFile& file : hash_tree(data))
    hash.update(file.path + '\0' + std::to_string(file.bytes) + '\0' + file.sha256 + '\n');
  return "sha256:" + hash.finish();
}

std::optional<std::filesystem::path> lock_of(const Workspace& workspace, const std::string& name,
                                             const std::filesystem::path& data) {
  if (!std::filesystem::is_directory(data)) return std::nullopt;
  const std::filesystem::path lock = locate_data(workspace, name).lock;
  return std::filesystem::exists(lock) ? std::optional(lock) : std::nullopt;
}

}  // namespace amltrain
