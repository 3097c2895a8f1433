// What came out of a run.
#pragma once

#include "history/run_store.hpp"

namespace amltrain {

/// Brings back what lies in folders that the worker made in place of its own, then puts the metrics file, the
/// logs and all files below outputs/ on disk and returns their summary: from here on a reader of summary.json
/// can trust its hashes, whatever happens to the machine.
RunSummary collect_results(const RunPaths& paths);

}  // namespace amltrain
