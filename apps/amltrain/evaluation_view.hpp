// An evaluation as text.
#pragma once

#include "context.hpp"

namespace amltrain::cli {

/// `evaluation` is what Engine::evaluate returned.
void show_evaluation(const Context& context, const json& evaluation);

}  // namespace amltrain::cli
