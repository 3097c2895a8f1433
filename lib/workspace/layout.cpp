// Where things lie below .amltrain.
#include <algorithm>

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

std::vector<std::string> names_in(const fs::path& folder, Kind kind) {
  std::vector<std::string> names;
  std::error_code problem;
  fs::directory_iterator item(folder, problem);
  for (; !problem && item != fs::directory_iterator(); item.increment(problem)) {
    const fs::path name = item->path().filename();
    if (name.native().starts_with('.')) continue;
    std::error_code gone;  // deleted meanwhile: not present
    if (kind == Kind::folder && item->is_directory(gone)) names.push_back(name.string());
    if (kind == Kind::file && item->is_regular_file(gone)) names.push_back(name.string());
    if (kind == Kind::document && name.extension() == ".json" && item->is_regular_file(gone))
      names.push_back(name.stem().string());
  }
  if (problem && problem != std::errc::no_such_file_or_directory)
    throw_errno("cannot list " + folder.string(), problem.value());
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
