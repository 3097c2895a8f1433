// A job file in YAML, and what its command is expanded to.
#include "input.hpp"
#include "job/definition.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  const fuzz::InputFile file(input.bytes());
  JobDefinition job;
  if (!fuzz::accepts([&] { job = read_job_file(file.path()); })) return;
  std::map<std::string, std::string> values;
  for (const auto& [name, given] : job.inputs) values["inputs." + name] = given.value;
  for (const auto& [name, given] : job.outputs) values["outputs." + name] = "outputs/" + name;
  fuzz::accepts([&] { expand_command(job, values); });
  const json stored = job;
  fuzz::require(json(parse_job(stored)) == stored,
                "a job that was read is the same when stored and read again");
}
