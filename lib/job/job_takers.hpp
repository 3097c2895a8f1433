// How each field of job_schema.hpp gets into the job.
#pragma once

#include "job/definition.hpp"
#include "job/source_field.hpp"

namespace amltrain {

template <std::string JobDefinition::*Member>
void take_text(JobDefinition& job, const std::string&, const SourceField& field) {
  job.*Member = field.text();
}

/// Throws for what can't be the name of a folder or file of the workspace.
void require_name_in(const SourceField& field, const std::string& name);

/// A name of the workspace; empty as if it were left out.
template <std::string JobDefinition::*Member>
void take_name(JobDefinition& job, const std::string&, const SourceField& field) {
  job.*Member = field.text();
  if (!(job.*Member).empty()) require_name_in(field, job.*Member);
}

/// A map of names to texts.
template <std::map<std::string, std::string> JobDefinition::*Member>
void take_texts(JobDefinition& job, const std::string&, const SourceField& field) {
  (job.*Member).clear();
  field.for_each([&](const std::string& name, const SourceField& value) {
    if (name.empty()) value.fail("has no name");
    (job.*Member)[name] = value.text();
  });
}

void take_compute(JobDefinition& job, const std::string&, const SourceField& field);
void take_command(JobDefinition& job, const std::string&, const SourceField& field);
void take_code(JobDefinition& job, const std::string&, const SourceField& field);
void take_variables(JobDefinition& job, const std::string&, const SourceField& field);
void take_environment(JobDefinition& job, const std::string&, const SourceField& field);
void take_python(JobDefinition& job, const std::string&, const SourceField& field);
void take_requirements(JobDefinition& job, const std::string&, const SourceField& field);
void take_constraints(JobDefinition& job, const std::string&, const SourceField& field);
void take_conda_file(JobDefinition& job, const std::string&, const SourceField& field);
void take_timeout(JobDefinition& job, const std::string&, const SourceField& field);
void take_queue_timeout(JobDefinition& job, const std::string&, const SourceField& field);
void take_slots(JobDefinition& job, const std::string&, const SourceField& field);
void take_nodes(JobDefinition& job, const std::string&, const SourceField& field);
void take_min_nodes(JobDefinition& job, const std::string&, const SourceField& field);
void take_procs_per_node(JobDefinition& job, const std::string&, const SourceField& field);
void take_distribution(JobDefinition& job, const std::string&, const SourceField& field);
void take_priority(JobDefinition& job, const std::string&, const SourceField& field);
void take_after(JobDefinition& job, const std::string&, const SourceField& field);
void take_max_restarts(JobDefinition& job, const std::string&, const SourceField& field);
/// One of the words that have a row; nothing depends on which.
void take_word(JobDefinition&, const std::string&, const SourceField& field);

// Of one input or output, by its name. The member that holds its map is taken first.
void take_input(JobDefinition& job, const std::string& name, const SourceField& field);
void take_input_type(JobDefinition& job, const std::string& name, const SourceField& field);
void take_input_path(JobDefinition& job, const std::string& name, const SourceField& field);
void take_input_mode(JobDefinition& job, const std::string& name, const SourceField& field);
void take_output(JobDefinition& job, const std::string& name, const SourceField& field);
void take_output_type(JobDefinition& job, const std::string& name, const SourceField& field);

}  // namespace amltrain
