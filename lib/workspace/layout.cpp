// Where things lie below .amltrain.
#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "support/error.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

/// `name` as one entry of `folder`: no name can lead elsewhere or hide among the temporary ones.
fs::path entry(const fs::path& folder, std::string_view name, std::string_view suffix = "") {
  const bool good = !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
                    name.find('\0') == std::string_view::npos;
  if (!good) throw Error(category::bad_input, "'" + std::string(name) + "' is not a name in a workspace");
  return folder / (std::string(name) + std::string(suffix));
}

enum class Kind { document, folder, file };

struct ClosedFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

/// A link counts as what it leads to; what was deleted meanwhile, as nothing.
mode_t type_of(int folder, const dirent& item) {
  if (item.d_type == DT_DIR) return S_IFDIR;
  if (item.d_type == DT_REG) return S_IFREG;
  struct stat status {};
  return fstatat(folder, item.d_name, &status, 0) == 0 ? status.st_mode & S_IFMT : 0;
}

/// With readdir(3): std::filesystem takes twice as long over ten thousand runs.
std::vector<std::string> names_in(const fs::path& folder, Kind kind) {
  constexpr std::string_view kDocument = ".json";
  std::vector<std::string> names;
  const std::unique_ptr<DIR, ClosedFolder> open(opendir(folder.c_str()));
  if (!open && errno != ENOENT) throw_errno("cannot list " + folder.string());
  const mode_t wanted = kind == Kind::folder ? S_IFDIR : S_IFREG;
  errno = 0;
  while (const dirent* const item = open ? readdir(open.get()) : nullptr) {
    std::string_view name = item->d_name;
    const bool fits = !name.starts_with('.') && (kind != Kind::document || name.ends_with(kDocument));
    if (fits && type_of(dirfd(open.get()), *item) == wanted) {
      if (kind == Kind::document) name.remove_suffix(kDocument.size());
      names.emplace_back(name);
    }
    errno = 0;
  }
  if (open && errno != 0) throw_errno("cannot list " + folder.string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

fs::path Workspace::experiment_file(std::string_view name) const {
  return entry(store() / "experiments", name, ".json");
}
fs::path Workspace::compute_file(std::string_view name) const {
  return entry(store() / "computes", name, ".json");
}
fs::path Workspace::lease_folder(std::string_view compute) const {
  return entry(store() / "leases", compute);
}
fs::path Workspace::run_folder(std::string_view run) const { return entry(store() / "runs", run); }
fs::path Workspace::model_folder(std::string_view name) const { return entry(store() / "models", name); }
fs::path Workspace::model_version_folder(std::string_view name, int version) const {
  return model_folder(name) / std::to_string(version);
}
fs::path Workspace::data_folder(std::string_view name) const { return entry(store() / "data", name); }
fs::path Workspace::snapshot_file(std::string_view sha256) const {
  return entry(store() / "snapshots", sha256, ".json");
}
fs::path Workspace::content_file(std::string_view sha256) const {
  // Folders of 256 keep each one short.
  return entry(store() / "snapshots" / "content" / std::string(sha256.substr(0, 2)), sha256);
}
fs::path Workspace::environment_file(std::string_view sha256) const {
  return entry(store() / "environments", sha256, ".json");
}
fs::path Workspace::environment_folder(std::string_view sha256) const {
  return entry(store() / "environments", sha256);
}
fs::path Workspace::submission_file(std::string_view key_sha256) const {
  return entry(store() / "submissions", key_sha256, ".json");
}
fs::path Workspace::lock_file(std::string_view kind) const { return entry(store() / "locks", kind, ".lock"); }
fs::path Workspace::runs_folder() const { return store() / "runs"; }
fs::path Workspace::run_index_file() const { return store() / "runs.index"; }
fs::path Workspace::scratch_folder() const { return store() / "tmp"; }

std::vector<std::string> Workspace::experiments() const {
  return names_in(store() / "experiments", Kind::document);
}
std::vector<std::string> Workspace::computes() const {
  return names_in(store() / "computes", Kind::document);
}
std::vector<std::string> Workspace::environments() const {
  std::vector<std::string> names = names_in(store() / "environments", Kind::document);
  for (std::string& name : names_in(store() / "environments", Kind::folder)) names.push_back(std::move(name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}
std::vector<std::string> Workspace::runs() const { return names_in(store() / "runs", Kind::folder); }
std::vector<std::string> Workspace::models() const { return names_in(store() / "models", Kind::folder); }
std::vector<std::string> Workspace::data() const { return names_in(store() / "data", Kind::folder); }
std::vector<std::string> Workspace::snapshots() const {
  return names_in(store() / "snapshots", Kind::document);
}
std::vector<std::string> Workspace::content_groups() const {
  return names_in(store() / "snapshots" / "content", Kind::folder);
}
std::vector<std::string> Workspace::contents(std::string_view group) const {
  return names_in(entry(store() / "snapshots" / "content", group), Kind::file);
}

}  // namespace amltrain
