// Registered models: NAME/VERSION, each a folder of files with their hashes and where they came from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "history/run_store.hpp"
#include "support/file_set.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// schema amltrain.model/1
struct ModelVersion {
  std::string name;
  int version = 0;
  RunId run;
  std::string experiment;
  std::map<std::string, std::string> tags;
  std::vector<HashedFile> files;  // relative to the version's folder
  Time created_at;
  std::vector<std::string> labels;  // class names, from labels.json among the files when there
  json metrics;                     // last values by name, of the run
  std::optional<DataReference> data;
};
void to_json(json& out, const ModelVersion& model);
ModelVersion parse_model_version(const json& in);

struct RegisterRequest {
  std::string name;
  std::string path = "outputs";  // file or folder of the run; must lie below its outputs/
  std::map<std::string, std::string> tags;
};
/// Copies the files, verified against the run's recorded hashes, and gives them the next version, once all is
/// on disk. Two at once get two versions. Throws Error{conflict} for a run that is not Completed,
/// Error{not_found} for the path.
ModelVersion register_model(const Workspace& workspace, const RunRecord& run, const RegisterRequest& request);

/// "NAME", "NAME:VERSION", "NAME/VERSION", "models:/NAME/VERSION", "azureml:NAME:VERSION", "NAME@latest".
struct ModelReference {
  std::string name;
  std::optional<int> version;  // absent: the newest
};
std::optional<ModelReference> parse_model_reference(const std::string& text);

ModelVersion read_model(const Workspace& workspace,
                        const ModelReference& reference);  // Error{not_found}, did you mean
std::vector<ModelVersion> list_models(const Workspace& workspace,
                                      const std::optional<std::string>& name = {});
std::vector<FileFault> verify_model(const Workspace& workspace, const ModelVersion& model);

}  // namespace amltrain
