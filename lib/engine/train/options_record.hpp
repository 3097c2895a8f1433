// The options that decide the result, by their names on the command line: what the report records and a
// training that goes on must have in common with the one that began.
#pragma once

#include "engine/api.hpp"
#include "engine/train/numerics.hpp"

namespace amltrain::engine {

/// Precision, threads and device are those chosen, not those asked for.
json deciding_options(const TrainOptions& options, const Numerics& numerics);

/// Those of them whose value is not the default one, as on a command line.
std::string other_than_default(const TrainOptions& options, const Numerics& numerics);

}  // namespace amltrain::engine
