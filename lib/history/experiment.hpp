// An experiment groups runs by name.
#pragma once

#include <string>
#include <vector>

#include "support/clock.hpp"
#include "support/json.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct Experiment {
  std::string name;
  std::string description;
  Time created_at;
};
void to_json(json& out, const Experiment& experiment);  // schema amltrain.experiment/1
Experiment parse_experiment(const json& in);

struct ExperimentCreated {
  Experiment experiment;
  bool created;  // false: it was there
};
ExperimentCreated ensure_experiment(const Workspace& workspace, const std::string& name,
                                    const std::string& description = "");
Experiment read_experiment(const Workspace& workspace,
                           const std::string& name);  // Error{not_found}, did you mean
std::vector<Experiment> list_experiments(const Workspace& workspace);

}  // namespace amltrain
