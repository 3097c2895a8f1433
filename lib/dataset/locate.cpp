#include "dataset/locate.hpp"

#include <algorithm>

#include "dataset/dataset.hpp"
#include "dataset/lock.hpp"
#include "image/folder.hpp"
#include "support/error.hpp"

namespace amltrain {

LocatedData locate_data(const std::optional<Workspace>& workspace, const std::string& name_or_folder) {
  const bool word = name_or_folder.find('/') == std::string::npos;
  if (workspace && word) {
    const auto known = workspace->data();
    const bool is_known = std::find(known.begin(), known.end(), name_or_folder) != known.end();
    if (is_known || !std::filesystem::exists(name_or_folder)) {
      const DataSet data = read_data(*workspace, name_or_folder);
      const auto shipped = data.folder / kDataLock;
      const auto own = workspace->data_folder(data.name) / kDataLock;
      const bool came_with_it = !std::filesystem::exists(own) && std::filesystem::exists(shipped);
      return {data.folder, came_with_it ? shipped : own};
    }
  }
  const std::filesystem::path root = image_folder_root(name_or_folder);
  return {root, root / kDataLock};
}

}  // namespace amltrain
