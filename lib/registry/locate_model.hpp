// From what a user says (MODEL of predict, evaluate, export-onnx) to the weights file that the engine reads.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "history/run_store.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct LocatedModel {
  std::string title;                  // "model pt-dnn:2", "run birds_1...", or the path as it was typed
  std::filesystem::path weights;      // labels.json and report.json lie beside it where they exist
  std::optional<DataReference> data;  // that it was trained with, when known
};

/// `text` is a weights file, a folder with one (choose_weights()), a model reference, or a run's id or its
/// beginning; a file comes before a folder, a folder with weights before a name. Files of the workspace are
/// checked against their hashes, others are taken as they are. Throws Error{not_found}; Error{bad_input} for
/// weights that are ambiguous, absent or damaged; Error{conflict} for a run that has not ended.
LocatedModel locate_model(const std::string& text, const std::optional<Workspace>& workspace);

/// model.pt (in whatever folder) when among `paths`, else the only .pt, .pth or .safetensors. Throws
/// Error{bad_input} that begins with `title` when there is none or several.
std::string choose_weights(std::span<const std::string> paths, const std::string& title);

}  // namespace amltrain
