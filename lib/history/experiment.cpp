#include "history/experiment.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.experiment/1";

Experiment read_from(const std::filesystem::path& path) {
  return parse_experiment(read_document(path, kSchema));
}

}  // namespace

void to_json(json& out, const Experiment& experiment) {
  out = {{"schema", kSchema},
         {"name", experiment.name},
         {"description", experiment.description},
         {"created_at", to_iso8601(experiment.created_at)}};
}

Experiment parse_experiment(const json& in) {
  require_schema(in, kSchema, "experiment");
  return {field<std::string>(in, "name"), field_or<std::string>(in, "description", ""),
          parse_iso8601(field<std::string>(in, "created_at"))};
}

ExperimentCreated ensure_experiment(const Workspace& workspace, const std::string& name,
                                    const std::string& description) {
  require_name("experiment", name);
  const std::filesystem::path path = workspace.experiment_file(name);
  std::error_code unreadable;
  if (std::filesystem::exists(path, unreadable)) return {read_from(path), false};
  Experiment experiment{name, description, now()};
  try {
    publish_file(path, sealed_text(experiment), AtomicFile::existing::refuse);
  } catch (const Error& problem) {
    if (problem.kind() == category::conflict) return {read_from(path), false};  // another was faster
    throw;
  }
  return {std::move(experiment), true};
}

Experiment read_experiment(const Workspace& workspace, const std::string& name) {
  require_name("experiment", name);
  try {
    return read_from(workspace.experiment_file(name));
  } catch (const Error& problem) {
    if (problem.kind() != category::not_found) throw;
    throw_unknown("experiment", name, workspace.experiments(), workspace,
                  "create it with: amltrain experiment create " + shell_quote(name));
  }
}

std::vector<Experiment> list_experiments(const Workspace& workspace) {
  std::vector<Experiment> experiments;
  for (const std::string& name : workspace.experiments())
    experiments.push_back(read_from(workspace.experiment_file(name)));
  return experiments;
}

}  // namespace amltrain
