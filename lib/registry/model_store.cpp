// Registered models on disk: models/NAME/VERSION/ holds model.json and the files.
#include <algorithm>
#include <charconv>

#include "registry/model.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/scratch_folder.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"
#include "workspace/making.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDocument = "model.json";
constexpr const char* kLabels = "labels.json";

/// Sorted, oldest first.
std::vector<int> versions_of(const Workspace& workspace, const std::string& name) {
  std::vector<int> versions;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(workspace.model_folder(name), absent)) {
    const std::string text = entry.path().filename().string();
    int version = 0;
    const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (problem == std::errc() && stop == text.data() + text.size() && version > 0)
      versions.push_back(version);
  }
  std::sort(versions.begin(), versions.end());
  return versions;
}

struct Selection {
  fs::path folder;  // of the run, that the files' paths are relative to
  std::vector<HashedFile> files;
};

/// The file `path` of the run's outputs, or all below the folder `path`.
Selection select(const RunRecord& run, const fs::path& run_folder, const std::string& path) {
  std::string wanted = fs::path(path).lexically_normal().generic_string();
  if (wanted.ends_with('/')) wanted.pop_back();
  Selection selection{run_folder / wanted, {}};
  std::vector<std::string> known;
  for (const HashedFile& output : run.summary.outputs) {
    known.push_back(output.path);
    if (output.path == wanted) {
      const fs::path file(wanted);
      return {run_folder / file.parent_path(), {{file.filename().string(), output.bytes, output.sha256}}};
    }
    if (output.path.starts_with(wanted + "/"))
      selection.files.push_back({output.path.substr(wanted.size() + 1), output.bytes, output.sha256});
  }
  if (!selection.files.empty()) return selection;
  const auto near = closest(wanted, known);
  throw Error(category::not_found, "run " + run.definition.id + " has no output '" + path + "'",
              near ? "did you mean '" + *near + "'?"
                   : "see what it has with: amltrain runs files " + run.definition.id);
}

/// Class names, when labels.json is a list of strings or has one under "labels".
std::vector<std::string> labels_in(const fs::path& folder) {
  if (!fs::is_regular_file(folder / kLabels)) return {};
  const json in = json::parse(read_file(folder / kLabels), nullptr, false);
  const json& list = in.is_object() && in.contains("labels") ? in["labels"] : in;
  const bool named =
      list.is_array() && std::all_of(list.begin(), list.end(), [](const json& l) { return l.is_string(); });
  return named ? list.get<std::vector<std::string>>() : std::vector<std::string>{};
}

ModelVersion describe(const RunRecord& run, const RegisterRequest& request, std::vector<HashedFile> files) {
  ModelVersion model;
  model.name = request.name;
  model.run = run.definition.id;
  model.experiment = run.definition.experiment;
  model.tags = request.tags;
  model.files = std::move(files);
  model.metrics = json::object();
  for (const auto& [name, point] : run.summary.metrics.last) model.metrics[name] = point.value;
  model.data = run.definition.data;
  return model;
}

/// Gives `made` the next version. The rename decides between two that want the same number.
ModelVersion place(const Workspace& workspace, const fs::path& made, ModelVersion model) {
  create_folders(workspace.model_folder(model.name));
  while (true) {
    const auto versions = versions_of(workspace, model.name);
    model.version = versions.empty() ? 1 : versions.back() + 1;
    model.created_at = now();
    publish_file(made / kDocument, sealed_text(model));
    try {
      rename_into_place(made, workspace.model_version_folder(model.name, model.version),
                        AtomicFile::existing::refuse);
      return model;
    } catch (const Error& problem) {
      if (problem.kind() != category::conflict) throw;
    }
  }
}

}  // namespace

ModelVersion register_model(const Workspace& workspace, const RunRecord& run,
                            const RegisterRequest& request) {
  require_name("model", request.name);
  const RunId& id = run.definition.id;
  if (run.state != State::completed)
    throw Error(category::conflict,
                "run " + id + " is " + name_of(run.state) + ": only a Completed run is registered",
                is_terminal(run.state) ? "see why with: amltrain runs show " + id
                                       : "wait for it with: amltrain wait " + id);
  Selection selection = select(run, workspace.run_folder(id), request.path);
  for (const HashedFile& file : selection.files)
    if (file.path == kDocument)
      throw Error(category::bad_input,
                  "an output named model.json can't be registered: the registry keeps its own there",
                  "write it under another name, or register one file with --path");

  const FileLock unnamed = hold_off_gc(workspace);
  const ScratchFolder scratch(workspace.scratch_folder() / ("model-" + random_hex(8)));
  copy_verified(selection.files, selection.folder, scratch.path(), false);
  ModelVersion model = describe(run, request, std::move(selection.files));
  model.labels = labels_in(scratch.path());
  return place(workspace, scratch.path(), std::move(model));
}

ModelVersion read_model(const Workspace& workspace, const ModelReference& reference) {
  const auto versions = versions_of(workspace, reference.name);
  if (versions.empty())
    throw_unknown("model", reference.name, workspace.models(), workspace,
                  "register one with: amltrain register RUN --name " + reference.name);
  const int version = reference.version.value_or(versions.back());
  if (std::find(versions.begin(), versions.end(), version) == versions.end())
    throw Error(category::not_found,
                "model '" + reference.name + "' has no version " + std::to_string(version),
                "the newest is " + std::to_string(versions.back()));
  return parse_model_version(
      read_document(workspace.model_version_folder(reference.name, version) / kDocument, "amltrain.model/1"));
}

std::vector<ModelVersion> list_models(const Workspace& workspace, const std::optional<std::string>& name) {
  std::vector<ModelVersion> models;
  const std::vector<std::string> names = name ? std::vector{*name} : workspace.models();
  for (const std::string& each : names)
    for (const int version : versions_of(workspace, each))
      models.push_back(read_model(workspace, {each, version}));
  if (name && models.empty())
    read_model(workspace, {*name, {}});  // says that there is none, and which there are
  std::stable_sort(models.begin(), models.end(), [](const ModelVersion& left, const ModelVersion& right) {
    return std::tie(right.created_at, right.version) < std::tie(left.created_at, left.version);
  });
  return models;
}

std::vector<FileFault> verify_model(const Workspace& workspace, const ModelVersion& model) {
  return verify_files(model.files, workspace.model_version_folder(model.name, model.version));
}

}  // namespace amltrain
