// A reproduction as text.
#pragma once

#include <ostream>

#include "job/reproduce.hpp"

namespace amltrain::cli {

void show_reproduction(std::ostream& out, const Reproduction& reproduction);

}  // namespace amltrain::cli
