// How the fields below `environment` of a job file get into the job.
#include "environment/conda.hpp"
#include "environment/requirements.hpp"
#include "job/job_takers.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

std::vector<std::string> lines_of(const SourceField& field) {
  if (!field.value().is_array()) field.fail("needs a list of texts", "write for example: [numpy==1.26.4]");
  std::vector<std::string> lines;
  for (const json& line : field.value()) {
    if (!line.is_string()) field.fail("needs a list of texts", "put the line into quotes");
    lines.push_back(line.get<std::string>());
  }
  return lines;
}

/// A document of no file is the form in which a run keeps its job: what it holds was read before, and files
/// that it names may have gone.
bool is_stored(const SourceField& field) { return field.folder().empty(); }

/// What `act` complains about is a fault of the field.
template <typename Act>
void told_by(const SourceField& field, const Act& act) {
  try {
    act();
  } catch (const Error& problem) {
    field.fail(std::string("has a fault: ") + problem.what(), problem.hint());
  }
}

}  // namespace

/// A name alone. Anything else that is written there was meant to act.
void take_environment(JobDefinition&, const std::string&, const SourceField& field) {
  if (field.value().is_null()) return;
  const std::string name = field.text();
  if (!name.starts_with("azureml:"))
    field.fail(
        "is '" + name + "', which names no environment",
        "write conda_file: FILE or requirements: [NAME==VERSION] below environment, or local for none");
}

void take_python(JobDefinition& job, const std::string&, const SourceField& field) {
  const std::string python = field.text();
  const bool is_path = python.find('/') != std::string::npos;
  job.environment.python = is_path ? (field.folder() / python).lexically_normal().string() : python;
}

void take_requirements(JobDefinition& job, const std::string&, const SourceField& field) {
  if (is_stored(field)) {
    job.environment.requirements = lines_of(field);
    return;
  }
  told_by(field,
          [&] { add_requirement_lines(job.environment, lines_of(field), field.folder(), field.path()); });
}

void take_constraints(JobDefinition& job, const std::string&, const SourceField& field) {
  if (is_stored(field)) {
    job.environment.constraints = lines_of(field);
    return;
  }
  told_by(field, [&] {
    EnvironmentSpec limits;
    add_requirement_lines(limits, lines_of(field), field.folder(), field.path());
    auto& constraints = job.environment.constraints;
    constraints.insert(constraints.end(), limits.requirements.begin(), limits.requirements.end());
    constraints.insert(constraints.end(), limits.constraints.begin(), limits.constraints.end());
  });
}

void take_conda_file(JobDefinition& job, const std::string&, const SourceField& field) {
  if (field.value().is_null()) return;
  told_by(field, [&] {
    EnvironmentSpec read;
    if (field.value().is_object()) {
      read = read_conda_file(field.value(), field.folder(), field.path());
    } else {
      const std::filesystem::path file = field.folder() / field.text();
      read = read_conda_file(read_source(file).tree, file.parent_path(), file.string());
    }
    EnvironmentSpec& spec = job.environment;
    // One that holds nothing is still one of its own.
    const std::string python = read.python.empty() ? spec.python : read.python;
    spec.python = python.empty() ? std::string("python3") : python;
    spec.requirements.insert(spec.requirements.end(), read.requirements.begin(), read.requirements.end());
    spec.constraints.insert(spec.constraints.end(), read.constraints.begin(), read.constraints.end());
  });
}

}  // namespace amltrain
