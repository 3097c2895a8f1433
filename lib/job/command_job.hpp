// Reading a command job, field by field, as job_schema.hpp says.
#pragma once

#include <vector>

#include "job/definition.hpp"
#include "job/job_schema.hpp"
#include "job/source_document.hpp"
#include "support/error.hpp"

namespace amltrain {

/// What becomes of one field of a document.
struct FieldAccount {
  std::string path;  // "inputs.data.mode"
  int line;          // in the file; 0: not known
  json value;
  Standing standing;
  std::string here;  // in words; of a refused one, what is wrong
  std::string hint;  // of a refused one, what to do
};

struct CommandJobReading {
  JobDefinition job;  // of use when there are no faults
  std::vector<FieldAccount> fields;
  std::vector<Error> faults;  // Error{bad_input} with the place of the field
};

/// A field that is left out has the schema's default. Faults: a field that is unknown (with the nearest known
/// name) or refused, a value that a field can't have, a placeholder that is not defined, no command.
CommandJobReading read_command_job(const SourceDocument& document);

/// The job alone. Throws the first fault.
JobDefinition command_job(const SourceDocument& document);
/// The same of a document that was read from a file: paths of its source and inputs are made absolute.
JobDefinition job_of_document(const SourceDocument& document);

}  // namespace amltrain
