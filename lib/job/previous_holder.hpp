// What may be left of a run that held a slot before.
#pragma once

#include "history/run.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// True when no process of `run` uses the slots that it held, as far as this machine can tell. Ends those
/// that it finds of a run whose supervisor is gone; false while the kernel does not let them go.
bool is_gone(const Workspace& workspace, const RunId& run);

}  // namespace amltrain
