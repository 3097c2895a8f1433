// Variables of a job that are likely to be secrets. Their values are in no document: submit hands them to the
// run's supervisor in its environment, which its command inherits, and with the last process they are gone.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace amltrain {

using Variables = std::map<std::string, std::string>;  // value by name

/// Stands in documents, and in what is shown, in place of a value.
inline constexpr std::string_view kNotKept = "(secret, not kept)";

/// By its name, or by a value that holds a password in a URL, a signature, the key of a connection string, or
/// a token of a shape that its issuer publishes.
bool is_secret_variable(const std::string& name, const std::string& value);

/// All, with kNotKept in place of secrets.
Variables recorded_variables(const Variables& variables);

/// The secrets alone.
Variables secret_variables(const Variables& variables);

/// Those whose values were not kept get the ones that they have in the environment of this process. Throws
/// Error{bad_input} naming all that it lacks.
void recall_secrets(Variables& variables);

}  // namespace amltrain
