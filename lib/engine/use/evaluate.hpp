// A finished model against labelled images, as a document.
#pragma once

#include "engine/api.hpp"

namespace amltrain::engine {

/// Engine::evaluate.
json evaluate(const EvaluateOptions& options, const Say& say);

}  // namespace amltrain::engine
