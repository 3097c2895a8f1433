// What `amltrain job explain` tells of a job file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "job/command_job.hpp"

namespace amltrain {

struct JobExplanation {
  std::string file;
  std::vector<FieldAccount> fields;  // in the order of the file; then what is wrong with it as a whole
  std::vector<Error> faults;         // each is a refused field too
};
/// schema amltrain.job-explanation/1
void to_json(json& out, const JobExplanation& explanation);

/// `changes` as of read_job_file(), which throws the first of the faults. Says too when the command uses a
/// placeholder that is not defined. Throws Error{bad_input} for a file that is no YAML or JSON.
JobExplanation explain_job_file(const std::filesystem::path& file, const std::vector<std::string>& changes);

/// The same of one that is read already: a pipe gives its text once.
JobExplanation explain_document(const SourceDocument& document);

/// The table itself, as schema amltrain.job-fields/1.
json job_fields();

}  // namespace amltrain
