// What training came to, as text.
#pragma once

#include "context.hpp"

namespace amltrain::cli {

/// `report` is what Engine::train returned.
void show_report(const Context& context, const json& report);

}  // namespace amltrain::cli
