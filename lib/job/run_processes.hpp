// The processes of a run as its supervisor holds them together.
#pragma once

#include <optional>
#include <string>

#include "history/run.hpp"
#include "job/process_keeper.hpp"
#include "support/control_group.hpp"
#include "support/process.hpp"

namespace amltrain {

class RunProcesses {
 public:
  explicit RunProcesses(const RunId& run);

  /// Says in an event what others find the processes by (leftovers.hpp).
  void describe(Event& event) const;
  /// `worker` is started with the mark, and in the control group where there is one.
  void take_in(Command& worker);
  /// Kills all: what is in the control group, and what descends from this process.
  void end(ProcessKeeper& keeper);
  /// Removes shared memory of ranks that were killed before they had all met.
  void forget_memory() const;

 private:
  RunId run_;
  std::string mark_;
  std::optional<ControlGroup> control_group_;
};

}  // namespace amltrain
