#include "job/command_job.hpp"

#include <algorithm>
#include <array>

#include "job/job_paths.hpp"
#include "job/source_field.hpp"
#include "support/clock.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

using Take = void (*)(JobDefinition&, const SourceField&);
struct KnownField {
  const char* name;
  Take take;
};

/// Calls the taker of each member of `map`; a member without one is an error.
template <std::size_t Count>
void take_members(JobDefinition& job, const SourceField& map, const std::array<KnownField, Count>& known) {
  map.for_each([&](const std::string& name, const SourceField& member) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const KnownField& k) { return k.name == name; });
    if (found != known.end()) return found->take(job, member);
    std::vector<std::string> names;
    for (const KnownField& field : known) names.emplace_back(field.name);
    member.fail_unknown(names);
  });
}

constexpr long kMostRestarts = 1000;

void accept(JobDefinition&, const SourceField&) {}

/// Of the schema, but nothing here would act on it: a job that asks for it must not run as if it had it.
void refuse(JobDefinition&, const SourceField& field) {
  field.fail("is not honoured by this version",
             "leave it out; the command runs in the environment of the shell "
             "that submits, in the run's folder");
}

void take_type(JobDefinition&, const SourceField& field) {
  if (field.text() != "command")
    field.fail("is '" + field.text() + "', which is not honoured by this version", "write type: command");
}

void take_command(JobDefinition& job, const SourceField& field) {
  const std::string text = field.text();
  const std::size_t last = text.find_last_not_of(" \t\r\n");  // a folded string ends with a newline
  if (last == std::string::npos) field.fail("is empty");
  job.command = text.substr(0, last + 1);
}

void take_compute(JobDefinition& job, const SourceField& field) {
  job.compute = field.text();
  if (is_data_reference(job.compute)) job.compute.erase(0, std::string_view("azureml:").size());
}

template <std::map<std::string, std::string> JobDefinition::*Member>
void take_texts(JobDefinition& job, const SourceField& field) {
  field.for_each([&](const std::string& name, const SourceField& value) {
    if (name.empty() || name.find('=') != std::string::npos) value.fail("is no name");
    (job.*Member)[name] = value.text();
  });
}

void take_timeout(JobDefinition& job, const SourceField& field) {
  try {
    job.timeout = parse_duration(field.text());
  } catch (const Error& problem) {
    field.fail(problem.what(), problem.hint());
  }
  if (job.timeout->count() < 1) field.fail("must be at least one second");
}

void take_max_restarts(JobDefinition& job, const SourceField& field) {
  const long count = field.integer();
  if (count < 0 || count > kMostRestarts)
    field.fail("is " + field.text(), "write a whole number from 0 to " + std::to_string(kMostRestarts));
  job.max_restarts = static_cast<int>(count);
}

void take_limits(JobDefinition& job, const SourceField& field) {
  take_members(job, field,
               std::array<KnownField, 2>{{{"timeout", take_timeout}, {"max_restarts", take_max_restarts}}});
}

/// One process on one machine is what this version starts.
void take_count(JobDefinition&, const SourceField& field) {
  if (field.integer() != 1) field.fail("is " + field.text() + "; this version honours 1 only");
}

void take_distribution_type(JobDefinition&, const SourceField& field) {
  const std::string type = field.text();
  if (type != "pytorch" && type != "mpi")
    field.fail("is '" + type + "', which is not honoured by this version",
               "write pytorch or mpi, or leave it out");
}

void take_resources(JobDefinition& job, const SourceField& field) {
  take_members(job, field,
               std::array<KnownField, 6>{{{"instance_count", take_count},
                                          {"instance_type", refuse},
                                          {"shm_size", refuse},
                                          {"docker_args", refuse},
                                          {"locations", refuse},
                                          {"max_instance_count", refuse}}});
}

void take_distribution(JobDefinition& job, const SourceField& field) {
  take_members(job, field,
               std::array<KnownField, 2>{
                   {{"type", take_distribution_type}, {"process_count_per_instance", take_count}}});
}

template <std::string JobDefinition::*Member>
void take_text(JobDefinition& job, const SourceField& field) {
  job.*Member = field.text();
}

constexpr std::array<KnownField, 21> kFields{{
    {"$schema", accept},
    {"schema", accept},  // of the stored form; checked by parse_job
    {"type", take_type},
    {"name", take_text<&JobDefinition::name>},
    {"display_name", take_text<&JobDefinition::display_name>},
    {"description", take_text<&JobDefinition::description>},
    {"tags", take_texts<&JobDefinition::tags>},
    {"experiment_name", take_text<&JobDefinition::experiment_name>},
    {"compute", take_compute},
    {"command", take_command},
    {"inputs", take_inputs},
    {"outputs", take_outputs},
    {"environment_variables", take_texts<&JobDefinition::environment_variables>},
    {"limits", take_limits},
    {"resources", take_resources},
    {"distribution", take_distribution},
    {"code", refuse},
    {"environment", refuse},
    {"queue_settings", refuse},
    {"services", refuse},
    {"identity", refuse},
}};

}  // namespace

JobDefinition command_job(const SourceDocument& document) {
  const SourceField root(document);
  if (!root.value().is_object()) root.fail("is no job", "begin with: command: ...");
  JobDefinition job;
  take_members(job, root, kFields);
  if (job.command.empty()) root.fail("has no command", "add: command: ...");
  return job;
}

}  // namespace amltrain
