// The fields of an Azure ML CLI v2 command job (its public `commandJob` schema).
#pragma once

#include "job/definition.hpp"
#include "job/source_document.hpp"

namespace amltrain {

/// Throws Error{bad_input} with the place of the field for one that is unknown, not honoured by this version,
/// or has a value it can't have. A field that is left out has the schema's default.
JobDefinition command_job(const SourceDocument& document);

/// True for a path that names data of the workspace: azureml:NAME, azureml:NAME:VERSION, azureml:NAME@latest.
bool is_data_reference(std::string_view path);

}  // namespace amltrain
