#include "registry/locate_model.hpp"

#include <algorithm>

#include "registry/artifacts.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

bool is_weights(const std::string& path) {
  const std::string ending = fs::path(path).extension().string();
  return ending == ".pt" || ending == ".pth" || ending == ".safetensors";
}

/// Names of the files of a folder, sorted; no sub-folders.
std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem))
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  if (problem) throw_errno("can't list " + folder.string(), problem.value());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string choose_weights(std::span<const std::string> paths, const std::string& title) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    if (!is_weights(path)) continue;
    if (fs::path(path).filename() == "model.pt") return path;
    found.push_back(path);
  }
  if (found.empty())
    throw Error(category::bad_input, title + " has no .pt, .pth or .safetensors file",
                "it has " + (paths.empty() ? "nothing" : join(paths, ", ")));
  if (found.size() > 1)
    throw Error(category::bad_input, title + " has several weights files: " + join(found, ", "),
                "give the path of the file you mean");
  return found.front();
}

LocatedModel locate_model(const std::string& text, const std::optional<Workspace>& workspace) {
  if (fs::is_regular_file(text)) return {text, text, {}};
  if (fs::is_directory(text)) {
    const std::vector<std::string> files = files_in(text);
    const bool holds_weights = std::any_of(files.begin(), files.end(), is_weights);
    const bool can_be_name = workspace && parse_model_reference(text);
    if (holds_weights || !can_be_name)
      return {text, fs::path(text) / choose_weights(files, "folder " + text), {}};
  }
  if (!workspace)
    throw Error(category::not_found,
                "no model file or folder '" + text + "', and no workspace to look for that name in",
                "give a .pt, .pth or .safetensors file or its folder, or the workspace with --workspace");
  const Artifacts artifacts = find_artifacts(*workspace, text);
  return {artifacts.title, weights_of(artifacts), artifacts.data};
}

}  // namespace amltrain
