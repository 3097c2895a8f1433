// States of a run and what may follow what. Pure functions: their callers do the I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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
inline constexpr const char* kCanceledAlone = "canceled; its supervisor is gone";  // a reason

/// The state that a run last recorded as `last` is in now: `last` itself while its supervisor holds the lock
/// or lives, or may live elsewhere, else Failed with the reason (machine restarted, supervisor killed by
/// which signal, or lost); a run with a cancel requested is Canceled.
Transition settle(State last, const Evidence& seen);

}  // namespace amltrain
