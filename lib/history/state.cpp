#include "history/state.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::array kStates{State::not_started, State::queued,     State::preparing,
                             State::running,     State::finalizing, State::cancel_requested,
                             State::completed,   State::failed,     State::canceled};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

const char* name_of(State state) {
  switch (state) {
    case State::not_started:
      return "NotStarted";
    case State::queued:
      return "Queued";
    case State::preparing:
      return "Preparing";
    case State::running:
      return "Running";
    case State::finalizing:
      return "Finalizing";
    case State::cancel_requested:
      return "CancelRequested";
    case State::completed:
      return "Completed";
    case State::failed:
      return "Failed";
    case State::canceled:
      break;
  }
  return "Canceled";
}

State parse_state(std::string_view name) {
  std::vector<std::string> names;
  for (const State state : kStates) {
    if (lower(name_of(state)) == lower(name)) return state;
    names.emplace_back(name_of(state));
  }
  throw Error(category::bad_input, "'" + std::string(name) + "' is not a state of a run",
              "states are " + join(names, ", "));
}

bool is_terminal(State state) {
  return state == State::completed || state == State::failed || state == State::canceled;
}

bool may_follow(State from, State to) {
  if (is_terminal(from)) return false;
  if (to == from) return true;  // more is known of the same state: the worker's pid, the data's fingerprint
  if (to == State::failed || to == State::canceled) return true;
  if (to == State::cancel_requested) return true;
  switch (from) {
    case State::not_started:
      return to == State::queued;
    case State::queued:
      return to == State::preparing;
    case State::preparing:
      return to == State::running;
    case State::running:
    case State::cancel_requested:  // what the worker left behind is still recorded
      return to == State::finalizing;
    case State::finalizing:
      return to == State::completed;
    default:
      return false;
  }
}

Transition settle(State last, const Evidence& seen) {
  if (is_terminal(last) || seen.lock_held) return {last, "", ""};
  // The lock file may have been deleted under a supervisor that lives on.
  if (seen.same_boot && seen.supervisor_alive) return {last, "", ""};
  // Only that machine can tell; over a network its lock need not be seen here.
  if (seen.elsewhere) return {last, "", ""};
  if (last == State::cancel_requested) return {State::canceled, kCanceledAlone, ""};
  const std::string during = std::string(" while the run was ") + name_of(last);
  if (seen.supervisor_end) {
    const bool killed = seen.supervisor_end->signal != 0;
    return {State::failed,
            "its supervisor process " + std::string(killed ? "was killed by " : "ended with ") +
                describe(*seen.supervisor_end) + during,
            killed ? kSupervisorKilled : kSupervisorLost};
  }
  if (!seen.same_boot) return {State::failed, "the machine was restarted" + during, "machine_restarted"};
  return {State::failed, "its supervisor process was lost" + during, kSupervisorLost};
}

}  // namespace amltrain
