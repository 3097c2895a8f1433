// Files that a name stands for: a run's outputs, or those of a model version.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "history/run_store.hpp"
#include "registry/model.hpp"

namespace amltrain {

struct Artifacts {
  std::string title;             // "run birds_1..." or "model pt-dnn:2"
  std::filesystem::path folder;  // the files' paths are below it
  std::vector<HashedFile> files;
  std::optional<DataReference> data;
  std::vector<HashedFile> records{};  // of a run: its logs and source.diff, for who asks for them by name
};

/// The logs of a run, with the hashes that were recorded where there are some, and its source.diff.
std::vector<HashedFile> record_files(const RunPaths& paths, const RunRecord& run);

Artifacts artifacts_of_model(const Workspace& workspace, const ModelReference& reference);

/// `name` is a model reference or a run's id or its beginning; a model of that very name comes first.
/// Throws Error{not_found}; Error{conflict} for a run that has not ended, whose files may still change.
Artifacts find_artifacts(const Workspace& workspace, const std::string& name);

/// Files and records that fit one of `patterns` (a path, a folder's path, or a glob); all files when there is
/// no pattern.
/// Throws Error{not_found} naming a pattern that fits none, with the paths there are.
std::vector<HashedFile> select(const Artifacts& artifacts, const std::vector<std::string>& patterns);

/// The weights file among them (choose_weights()), checked against its hash together with the labels.json and
/// report.json beside it. Throws Error{bad_input} as choose_weights() does, and when a content has changed.
std::filesystem::path weights_of(const Artifacts& artifacts);

}  // namespace amltrain
