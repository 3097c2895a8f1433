// Is all in the store as it was written?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "workspace/workspace.hpp"

namespace amltrain {

struct StoreFault {
  std::string path;     // below .amltrain
  std::string problem;  // "missing", "content changed", "carries no hash", "is of run birds_1_00000000", ...
};

/// What was looked at, and what is wrong with it.
struct StoreCheck {
  std::uint64_t documents = 0;     // and event logs
  std::uint64_t files = 0;         // whose content is known by its hash
  std::uint64_t bytes = 0;         // of these
  std::vector<StoreFault> faults;  // sorted by path
};
void to_json(json& out, const StoreCheck& check);  // schema amltrain.workspace-verification/1

/// Reads every document and every file that has a hash: experiments, computes, data, snapshots and their
/// contents, environments and their Pythons, models, runs with their events, metrics, logs and outputs, and
/// the checkpoints of runs that were left before their end. Changes nothing, and may run beside anything:
/// what is still being written, or was deleted meanwhile, is none of a fault. Not covered, since nothing says
/// what they should be: packages of environments, code/ and supervisor.log of runs, outputs of a run whose
/// supervisor was lost, and whole lines that were cut off the end of a running run's events.
StoreCheck verify_workspace(const Workspace& workspace, int threads);

}  // namespace amltrain
