#include "environment_options.hpp"

#include "checks.hpp"
#include "environment/requirements.hpp"

namespace amltrain::cli {

EnvironmentOptions::EnvironmentOptions(CLI::App& command) {
  command
      .add_option("--pip-packages", packages_,
                  "Python packages of the run, as pip writes them, parted by commas: they go into a virtual "
                  "environment that is built once and used again; may be repeated")
      ->type_name("PACKAGES")
      ->allow_extra_args(false);
  command
      .add_option("--requirements", files_,
                  "Requirements file, as pip reads it, for the same environment; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--env", variables_, "Variable in the environment of the run; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      // The value may be a secret: it is not repeated in the message.
      ->check(CLI::Validator(
          [](std::string& text) {
            const std::size_t sign = text.find('=');
            return std::string(sign == 0 || sign == std::string::npos ? "it takes NAME=VALUE" : "");
          },
          ""));
}

void EnvironmentOptions::add_packages(JobDefinition& job) const {
  for (const std::string& packages : packages_) {
    const auto parted = split_packages(packages);
    add_requirement_lines(job.environment, parted, ".", "--pip-packages");
  }
  for (const std::string& file : files_) add_requirements(job.environment, file);
}

void EnvironmentOptions::add_variables(JobDefinition& job) const {
  for (const auto& [name, value] : to_map(variables_)) job.environment_variables[name] = value;
}

}  // namespace amltrain::cli
