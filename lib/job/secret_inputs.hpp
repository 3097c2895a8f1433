// Inputs whose URLs hold a password or a signature. As with secret variables, no document has them: submit
// hands the whole URLs to the run's supervisor in its environment, and its command does not get them.
#pragma once

#include "job/definition.hpp"
#include "job/secret_variables.hpp"

namespace amltrain {

/// The value of an input as it is recorded and shown: a literal or a path as it is, a URL without_secrets().
std::string recorded_path(const JobInput& input);

/// The whole URLs of inputs that are recorded without their secrets, by name of variable:
/// AMLTRAIN_INPUT_NAME.
Variables secret_inputs(const JobDefinition& job);

/// Inputs whose URLs were recorded without their secrets get the whole ones from the environment of this
/// process. Throws Error{bad_input} naming the variables that it lacks, or one that holds another address.
void recall_inputs(JobDefinition& job);

/// The same, and takes them out of that environment.
void take_inputs(JobDefinition& job);

}  // namespace amltrain
