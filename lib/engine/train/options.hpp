// Options that can't be trained with are refused before anything is read or written.
#pragma once

#include "engine/api.hpp"

namespace amltrain::engine {

/// Throws Error{bad_input} naming the option as the command line does, its value and what it may be.
void check_options(const TrainOptions& options);

}  // namespace amltrain::engine
