// Takes a run away.
#pragma once

#include "history/run.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

/// The run is gone, on disk, when it returns; of a kill before that, either it is there whole or gone. What
/// was registered from it stays. One that can't be read is deleted too. Throws Error{not_found},
/// Error{conflict} for a run that has not ended.
void delete_run(const Workspace& workspace, const RunId& id);

/// Throws Error{conflict} unless the run has ended; `what` says what was wanted ("be deleted").
void require_ended(const RunRecord& run, const std::string& what);

}  // namespace amltrain
