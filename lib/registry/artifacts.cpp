#include "registry/artifacts.hpp"

#include <algorithm>

#include "registry/locate_model.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

Artifacts artifacts_of_run(const Workspace& workspace, const RunId& id) {
  const RunRecord run = read_run(workspace, id);
  if (!is_terminal(run.state)) {
    throw Error(category::conflict,
                "run " + id + " is " + name_of(run.state) + ": its files may still change",
                "wait for it: amltrain wait " + id);
  }
  const RunPaths paths(workspace, id);
  return {"run " + id, paths.folder, run.summary.outputs, run.definition.data, record_files(paths, run)};
}

/// Also what lies beside the weights and says how they are used.
bool goes_with(const std::filesystem::path& weights, const std::filesystem::path& file) {
  return file.parent_path() == weights.parent_path() &&
         (file.filename() == "labels.json" || file.filename() == "report.json");
}

bool fits(const HashedFile& file, const std::string& pattern) {
  return glob_match(pattern, file.path) ||
         file.path.starts_with(pattern.ends_with('/') ? pattern : pattern + '/');
}

std::string paths_of(const std::vector<HashedFile>& files) {
  std::vector<std::string> paths;
  for (const HashedFile& file : files) paths.push_back(file.path);
  return paths.empty() ? "nothing" : join(paths, ", ");
}

}  // namespace

std::vector<HashedFile> record_files(const RunPaths& paths, const RunRecord& run) {
  std::vector<std::string> left_out;
  std::vector<HashedFile> files = hash_tree(paths.logs(), "logs/", &left_out);
  for (HashedFile& file : files)
    for (const HashedFile& recorded : run.summary.records)
      if (recorded.path == file.path) file = recorded;
  if (run.definition.git && run.definition.git->diff) files.push_back(*run.definition.git->diff);
  return files;
}

Artifacts artifacts_of_model(const Workspace& workspace, const ModelReference& reference) {
  const ModelVersion model = read_model(workspace, reference);
  return {"model " + model.name + ":" + std::to_string(model.version),
          workspace.model_version_folder(model.name, model.version), model.files, model.data};
}

Artifacts find_artifacts(const Workspace& workspace, const std::string& name) {
  const std::vector<std::string> models = workspace.models();
  const auto reference = parse_model_reference(name);
  const bool is_model = reference && std::find(models.begin(), models.end(), reference->name) != models.end();
  const bool can_be_run = name.find_first_of(":/@") == std::string::npos;
  if (is_model || !can_be_run) {
    if (!reference) throw Error(category::bad_input, "'" + name + "' names no run and no model");
    return artifacts_of_model(workspace, *reference);
  }
  try {
    return artifacts_of_run(workspace, resolve_run(workspace, name));
  } catch (const Error& error) {
    if (error.kind() != category::not_found) throw;
    std::vector<std::string> known = workspace.runs();
    known.insert(known.end(), models.begin(), models.end());
    throw_unknown("run or model", name, known, workspace, "see: amltrain runs list, amltrain models list");
  }
}

std::vector<HashedFile> select(const Artifacts& artifacts, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return artifacts.files;
  std::vector<HashedFile> all = artifacts.files, chosen;
  all.insert(all.end(), artifacts.records.begin(), artifacts.records.end());
  for (const std::string& pattern : patterns) {
    const auto fitting = [&](const HashedFile& file) { return fits(file, pattern); };
    if (std::none_of(all.begin(), all.end(), fitting)) {
      throw Error(category::not_found, artifacts.title + " has no file '" + pattern + "'",
                  "it has " + paths_of(all));
    }
  }
  for (const HashedFile& file : all) {
    const auto one = [&](const std::string& pattern) { return fits(file, pattern); };
    if (std::any_of(patterns.begin(), patterns.end(), one)) chosen.push_back(file);
  }
  return chosen;
}

std::filesystem::path weights_of(const Artifacts& artifacts) {
  std::vector<std::string> paths;
  for (const HashedFile& file : artifacts.files) paths.push_back(file.path);
  const std::filesystem::path weights = choose_weights(paths, artifacts.title);
  std::vector<HashedFile> used;
  for (const HashedFile& file : artifacts.files)
    if (file.path == weights || goes_with(weights, file.path)) used.push_back(file);
  for (const FileFault& fault : verify_files(used, artifacts.folder)) {
    throw Error(category::bad_input, artifacts.title + " is damaged: " + fault.path + " " + fault.problem);
  }
  return artifacts.folder / weights;
}

}  // namespace amltrain
