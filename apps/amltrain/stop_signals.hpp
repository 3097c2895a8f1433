// Ctrl-C as a request that a command can answer.
#pragma once

namespace amltrain::cli {

/// While one is alive, the first SIGINT or SIGTERM is noted instead of ending the process; a second one ends
/// it.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal's number, 0 when none came.
  int received() const;
};

}  // namespace amltrain::cli
