// What runs export and runs import tell of a run that is not as it left its files.
#pragma once

#include <string>
#include <vector>

#include "context.hpp"
#include "history/run.hpp"

namespace amltrain::cli {

/// A notice that names the first few of `differences`; nothing where there are none.
void tell_differences(const Context& context, const RunId& run, std::vector<std::string> differences);

}  // namespace amltrain::cli
