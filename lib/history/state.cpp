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
  if (to == State::queued) return from != State::cancel_requested;
  switch (from) {
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

Transition settle_by_slurm(State last, const SlurmEvidence& seen) {
  if (is_terminal(last)) return {last, "", ""};
  if (!seen.problem.empty()) return {last, "Slurm can't be asked for its state now: " + seen.problem, ""};
  const bool canceling = last == State::cancel_requested;
  if (!seen.job) {
    if (canceling) return {State::canceled, kCanceledAlone, ""};
    if (!seen.was_submitted)
      return {State::failed, "it never was a job of Slurm: what submitted it was ended before",
              "never_submitted"};
    return {State::failed, "Slurm knows its job no more, and the end of the run was not recorded",
            kSupervisorLost};
  }
  const SlurmJob& job = *seen.job;
  const std::string name = "Slurm job " + job.id;
  const std::string why = job.reason.empty() ? "" : " (" + job.reason + ")";
  switch (job.phase()) {
    case SlurmPhase::pending:
      if (canceling) return {last, "", ""};
      return {State::queued, name + ": " + (job.reason.empty() ? "waits" : job.reason), ""};
    case SlurmPhase::active:
      if (last > State::queued) return {last, "", ""};
      return {State::queued, name + " starts" + (job.nodes.empty() ? "" : " on " + job.nodes), ""};
    case SlurmPhase::ended:
      break;
  }
  if (canceling) return {State::canceled, kCanceledAlone, ""};
  if (job.state == "CANCELLED" || job.state == "REVOKED")
    return {State::canceled, name + " was canceled" + why, ""};
  const auto failed = [&](const std::string& how, const char* cause) {
    return Transition{State::failed, name + " " + how + " while the run was " + name_of(last), cause};
  };
  if (job.state == "TIMEOUT" || job.state == "DEADLINE") return failed("reached its time limit", kTimeLimit);
  if (job.state == "NODE_FAIL" || job.state == "BOOT_FAIL") return failed("lost its node", "node_failed");
  if (job.state == "PREEMPTED") return failed("was preempted", "preempted");
  if (job.state == "OUT_OF_MEMORY") return failed("ran out of memory", "out_of_memory");
  return failed("ended, " + job.state + why + ", and its supervisor was lost", kSupervisorLost);
}

}  // namespace amltrain
