// The inputs and outputs of a command job.
#pragma once

#include "job/definition.hpp"
#include "job/source_field.hpp"

namespace amltrain {

void take_inputs(JobDefinition& job, const SourceField& field);
void take_outputs(JobDefinition& job, const SourceField& field);

}  // namespace amltrain
