// Writing down what a run runs under.
#pragma once

#include <functional>

#include "compute/target.hpp"
#include "history/run_store.hpp"
#include "job/definition.hpp"
#include "job/preparation.hpp"
#include "job/process_keeper.hpp"
#include "job/worker.hpp"

namespace amltrain {

/// conditions.json of the run, before its worker starts. The machine is asked in a process of its own, since
/// a driver can keep waiting whoever asks it for its GPUs: then it is done without them. `throw_if_stopped`
/// is called after each wait.
void record_conditions(const RunWriter& run, const JobDefinition& job, const ComputeTarget& target,
                       const Prepared& prepared, const Worker& worker, ProcessKeeper& keeper,
                       const std::function<void()>& throw_if_stopped);

}  // namespace amltrain
