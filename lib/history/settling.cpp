#include "history/settling.hpp"

#include "checkpoint/folder.hpp"
#include "history/leftovers.hpp"
#include "support/error.hpp"
#include "support/host.hpp"

namespace amltrain {
namespace {

/// All but a process that the kernel can't end is gone in milliseconds.
constexpr std::chrono::seconds kPatience{10};

Event end_of(const RunPaths& paths, const RunRecord& run, const Transition& transition) {
  Event event;
  event.time = now();
  event.state = transition.state;
  event.reason = transition.reason;
  if (transition.state == State::failed) {
    Failure& failure = event.failure.emplace();
    failure.stage = name_of(run.state);
    failure.category = name_of(category::environment);
    failure.message = transition.reason;
    failure.cause = transition.cause;
    failure.hint = checkpoint_names(paths.checkpoints()).empty()
                       ? "its files so far are kept; submit it again to run it anew"
                       : go_on_hint(run.definition.id);
  }
  return event;
}

}  // namespace

Evidence evidence_about(const RunPaths& paths, const RunRecord& run, bool lock_held) {
  Evidence seen;
  seen.lock_held = lock_held;
  seen.elsewhere = !run.host.empty() && run.host != host_name() && is_on_shared_file_system(paths.folder);
  if (run.supervisor) {
    seen.same_boot = run.supervisor->boot_id == boot_id();
    seen.supervisor_alive = is_alive(*run.supervisor);
  }
  return seen;
}

void end_lost_run(RunWriter& writer, const Evidence& seen) {
  // Its last words, or another who looked, may have told it meanwhile.
  const RunRecord run = read_recorded(writer.paths());
  Transition transition = settle(run.state, seen);
  if (transition.state == run.state) return;
  if (!end_leftovers(run, kPatience)) transition.reason += "; some of its processes could not be ended";
  writer.record(end_of(writer.paths(), run, transition));
}

bool lost_its_supervisor(const RunRecord& run) {
  if (run.state == State::canceled) return run.reason.starts_with(kCanceledAlone);
  return run.failure && (run.failure->cause == kSupervisorKilled || run.failure->cause == kSupervisorLost);
}

RunRecord settled(const Workspace& workspace, const RunRecord& run, const Evidence& seen) {
  const Transition transition = settle(run.state, seen);
  if (transition.state == run.state) return run;
  const RunPaths paths(workspace, run.definition.id);
  try {
    auto writer = is_within(run) ? std::nullopt : RunWriter::try_open(workspace, run.definition.id);
    if (writer) end_lost_run(*writer, seen);
    RunRecord recorded = read_recorded(paths);
    if (is_terminal(recorded.state)) return recorded;
  } catch (const Error&) {  // a store that cannot be written: what we say of the run is true all the same
  }
  std::vector<Event> events = read_events(paths);
  events.push_back(end_of(paths, run, transition));
  RunRecord told = fold(run.definition, events);
  told.end_is_recorded = false;
  return told;
}

}  // namespace amltrain
