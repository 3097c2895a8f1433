// States of a run and what may follow what. Pure functions: their callers do the I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "slurm/answers.hpp"
#include "support/process.hpp"

namespace amltrain {

enum class State {
  not_started,
  queued,
  preparing,
  running,
  finalizing,
  cancel_requested,
  completed,
  failed,
  canceled
};

const char* name_of(State state);          // "NotStarted", ... as Azure ML writes them
State parse_state(std::string_view name);  // any case; throws Error{bad_input} listing the names
bool is_terminal(State state);
/// Back to Queued is what a scheduler does that starts the run from its beginning.
bool may_follow(State from, State to);

/// What a reader of a run that is not at its end can see of its supervisor.
struct Evidence {
  bool lock_held = false;         // the supervisor's lock, held by the kernel for it and its heirs
  bool elsewhere = false;         // the supervisor is on another machine, and the store may be shared with it
  bool same_boot = true;          // boot id of the last event's supervisor is the machine's
  bool supervisor_alive = false;  // pid and start time name a living process
  std::optional<ExitStatus> supervisor_end = std::nullopt;  // where its keeper has seen it
};

struct Transition {
  State state;
  std::string reason;  // why, for people; empty when nothing changes
  std::string cause;   // of a failure, of the table in docs/contract.md
};

inline constexpr const char* kSupervisorKilled = "supervisor_killed";  // causes
inline constexpr const char* kSupervisorLost = "supervisor_lost";
inline constexpr const char* kTimeLimit = "time_limit";
inline constexpr const char* kCanceledAlone = "canceled; its supervisor is gone";  // a reason

/// The state that a run last recorded as `last` is in now: `last` itself while its supervisor holds the lock
/// or lives, or may live elsewhere, else Failed with the reason (machine restarted, supervisor killed by
/// which signal, or lost); a run with a cancel requested is Canceled.
Transition settle(State last, const Evidence& seen);

/// What Slurm says of the job of a run whose lock nobody holds.
struct SlurmEvidence {
  std::string problem;          // why it says nothing; empty: it does
  std::optional<SlurmJob> job;  // absent: it knows none
  bool was_submitted = true;    // an id was recorded
};
/// Without an answer nothing changes but the reason. A job that waits, at first or again, is Queued with
/// Slurm's reason; the state of one that runs is what its supervisor said. One that has ended, or that Slurm
/// knows no more, ends the run.
Transition settle_by_slurm(State last, const SlurmEvidence& seen);

}  // namespace amltrain
