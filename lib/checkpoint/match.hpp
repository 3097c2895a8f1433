// What must be the same for a training to go on: the "match" of a checkpoint's state, by option.
#pragma once

#include <string>

#include "support/json.hpp"

namespace amltrain {

/// Error{bad_input}: the training that `origin` names was begun with `before`, which `present` is not. `name`
/// is an option, or "data".
[[noreturn]] void throw_other_training(const std::string& origin, const std::string& name, const json& before,
                                       const json& present);

/// Whether an option's text on a command line is the recorded value. What the machine chooses ("auto", a
/// number of threads of 0) or the registry finds can't be told from its text, and is taken for the same: the
/// trainer compares what was chosen.
bool is_recorded_value(const json& recorded, const std::string& option, const std::string& text);

}  // namespace amltrain
