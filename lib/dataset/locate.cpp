#include "dataset/locate.hpp"

#include <algorithm>

#include "dataset/dataset.hpp"
#include "dataset/lock.hpp"
#include "image/folder.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

/// The workspace's data that `word` means; absent when it means a folder. Throws Error{not_found} for
/// neither.
std::optional<DataSet> find_known_data(const std::optional<Workspace>& workspace, const std::string& word) {
  if (!workspace || word.find('/') != std::string::npos) return std::nullopt;
  const auto known = workspace->data();
  const bool is_known = std::find(known.begin(), known.end(), word) != known.end();
  if (!is_known && std::filesystem::exists(word)) return std::nullopt;
  return read_data(*workspace, word);
}

}  // namespace

LocatedData locate_data(const std::optional<Workspace>& workspace, const std::string& name_or_folder) {
  if (const auto data = find_known_data(workspace, name_or_folder)) {
    const auto shipped = data->folder / kDataLock;
    const auto own = workspace->data_folder(data->name) / kDataLock;
    const bool came_with_it = !std::filesystem::exists(own) && std::filesystem::exists(shipped);
    return {data->folder, came_with_it ? shipped : own};
  }
  const std::filesystem::path root = image_folder_root(name_or_folder);
  return {root, root / kDataLock};
}

std::filesystem::path find_data_folder(const std::optional<Workspace>& workspace,
                                       const std::string& name_or_folder) {
  if (const auto data = find_known_data(workspace, name_or_folder)) return data->folder;
  if (std::filesystem::is_directory(name_or_folder)) return name_or_folder;
  throw Error(category::not_found, "no folder " + name_or_folder,
              "give the folder that holds train/CLASS/* and val/CLASS/*");
}

}  // namespace amltrain
