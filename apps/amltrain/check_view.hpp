// The report of `data check` as text.
#pragma once

#include <ostream>

#include "dataset/check.hpp"

namespace amltrain::cli {

/// Faults first; of long lists the beginning.
void show_check(std::ostream& out, const DataCheck& check);

/// "2 unreadable files, 1 leak": what makes the data unfit.
std::string describe_faults(const DataCheck& check);

}  // namespace amltrain::cli
