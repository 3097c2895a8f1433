#include "upkeep/verify.hpp"

#include <algorithm>
#include <mutex>

#include "compute/target.hpp"
#include "environment/store.hpp"
#include "history/experiment.hpp"
#include "registry/model.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/parallel.hpp"
#include "upkeep/findings.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;

void check_settings(const Workspace& workspace, Findings& found) {
  found.document(workspace.store() / "workspace.json", [](const json&) {});
  for (const std::string& name : workspace.experiments())
    found.document(workspace.experiment_file(name),
                   [&](const json& in) { require_owner("experiment", parse_experiment(in).name, name); });
  for (const std::string& name : workspace.computes())
    found.document(workspace.compute_file(name), [&](const json& in) {
      require_owner("compute target", parse_compute_target(in).name, name);
    });
}

/// Of its packages nothing is checked: runs may install into it, and nothing says what its files were.
void check_python(const fs::path& environment, Findings& found) {
  const fs::path python = environment / "bin" / "python";
  std::error_code problem;
  if (fs::exists(python, problem)) return;
  const bool leads_on = fs::is_symlink(fs::symlink_status(python, problem));
  found.fault(python, std::string(leads_on ? "leads to a Python that has gone" : "missing") +
                          "; a run that asks for this environment builds it anew");
}

void check_environments(const Workspace& workspace, Findings& found) {
  for (const std::string& hash : workspace.environments()) {
    const fs::path document = workspace.environment_file(hash);
    // Without it there is what a builder left, or still builds.
    found.unless_gone(document, [&](Findings& of_environment) {
      const auto whole = of_environment.document(document, [&](const json& in) {
        require_owner("environment", parse_environment(in).sha256, hash);
      });
      if (whole) check_python(workspace.environment_folder(hash), of_environment);
    });
  }
}

/// Which run an idempotency key made; named by the key's hash.
void check_submissions(const Workspace& workspace, Findings& found) {
  std::error_code none;
  for (const auto& entry :
       fs::directory_iterator(workspace.submission_file(sha256_of("")).parent_path(), none)) {
    if (entry.path().extension() != ".json") continue;
    found.document(entry.path(), [&](const json& in) {
      require_schema(in, "amltrain.submission/1", "submission");
      require_owner("key", sha256_of(field<std::string>(in, "key")), entry.path().stem().string());
    });
  }
}

void check_model(const fs::path& folder, const std::string& name, const std::string& version,
                 Findings& found) {
  std::vector<HashedFile> files;
  const bool whole = found
                         .document(folder / "model.json",
                                   [&](const json& in) {
                                     ModelVersion model = parse_model_version(in);
                                     require_owner("model", model.name + ":" + std::to_string(model.version),
                                                   name + ":" + version);
                                     files = std::move(model.files);
                                   })
                         .has_value();
  if (!whole) return;
  found.files(files, folder);
  files.push_back({"model.json", 0, ""});
  found.extras(files, folder);
}

std::vector<Task> model_tasks(const Workspace& workspace) {
  std::vector<Task> tasks;
  for (const std::string& name : workspace.models()) {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(workspace.model_folder(name), gone)) {
      const std::string version = entry.path().filename().string();
      if (!version.starts_with('.'))
        tasks.emplace_back([folder = entry.path(), name, version](Findings& found) {
          check_model(folder, name, version, found);
        });
    }
  }
  return tasks;
}

}  // namespace

void to_json(json& out, const StoreCheck& check) {
  out = {{"schema", "amltrain.workspace-verification/1"},
         {"ok", check.faults.empty()},
         {"documents", check.documents},
         {"files", check.files},
         {"bytes", check.bytes},
         {"faults", json::array()}};
  for (const StoreFault& fault : check.faults)
    out["faults"].push_back({{"path", fault.path}, {"problem", fault.problem}});
}

StoreCheck verify_workspace(const Workspace& workspace, int threads) {
  std::vector<Task> tasks{[&](Findings& found) { check_settings(workspace, found); },
                          [&](Findings& found) { check_environments(workspace, found); },
                          [&](Findings& found) { check_submissions(workspace, found); }};
  for (const auto part : {model_tasks, run_tasks, snapshot_tasks, data_tasks})
    for (Task& task : part(workspace)) tasks.push_back(std::move(task));

  Findings all(workspace);
  std::mutex adding;
  for_each_in_parallel(tasks.size(), threads, [&](std::size_t i) {
    Findings found(workspace);
    tasks[i](found);
    const std::lock_guard guard(adding);
    all.add(found);
  });
  StoreCheck sum = all.result();
  std::sort(sum.faults.begin(), sum.faults.end(), [](const StoreFault& left, const StoreFault& right) {
    return std::tie(left.path, left.problem) < std::tie(right.path, right.problem);
  });
  return sum;
}

}  // namespace amltrain
