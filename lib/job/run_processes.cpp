#include "job/run_processes.hpp"

#include "history/leftovers.hpp"
#include "support/hash.hpp"
#include "support/host.hpp"
#include "support/run_memory.hpp"

namespace amltrain {
namespace {

/// For processes that were killed to be gone.
constexpr std::chrono::seconds kPatience{10};

}  // namespace

RunProcesses::RunProcesses(const RunId& run)
    : run_(run), mark_(random_hex(8)), control_group_(ControlGroup::make(control_group_name(run))) {}

void RunProcesses::describe(Event& event) const {
  event.supervisor = identify_self();
  event.host = host_name();
  event.mark = mark_;
  if (control_group_) event.control_group = control_group_->folder();
}

void RunProcesses::take_in(Command& worker) {
  // A worker that is started again finds the group ended with the one before.
  if (!control_group_) control_group_ = ControlGroup::make(control_group_name(run_));
  if (control_group_) worker.control_group = control_group_->folder();
  worker.environment[kRunMark] = mark_;
}

void RunProcesses::forget_memory() const { forget_run_memory(mark_); }

void RunProcesses::end(ProcessKeeper& keeper) {
  if (control_group_) control_group_->end(kPatience);
  control_group_.reset();
  keeper.end_descendants();
}

}  // namespace amltrain
