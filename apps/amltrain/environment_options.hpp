// The options of `submit` for what its command finds around it: a Python environment, and variables.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "job/definition.hpp"

namespace amltrain::cli {

class EnvironmentOptions {
 public:
  explicit EnvironmentOptions(CLI::App& command);

  /// An environment is asked for: --pip-packages or --requirements.
  bool any_packages() const { return !packages_.empty() || !files_.empty(); }
  /// Puts them on top of the job's. Throws as add_requirements() and split_packages().
  void add_packages(JobDefinition& job) const;
  /// --env, on top of the job's.
  void add_variables(JobDefinition& job) const;

 private:
  std::vector<std::string> packages_, files_, variables_;
};

}  // namespace amltrain::cli
