#include "history/settling.hpp"

#include <functional>

#include "checkpoint/folder.hpp"
#include "history/leftovers.hpp"
#include "history/slurm_view.hpp"
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
    const bool late = transition.cause == kTimeLimit;
    failure.category = name_of(late ? category::timed_out : category::environment);
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

namespace {

using Judge = std::function<Transition(State last)>;

void end_lost_run(RunWriter& writer, const Judge& judge) {
  // Its last words, or another who looked, may have told it meanwhile.
  const RunRecord run = read_recorded(writer.paths());
  Transition transition = judge(run.state);
  if (!is_terminal(transition.state) || transition.state == run.state) return;
  if (!end_leftovers(run, kPatience)) transition.reason += "; some of its processes could not be ended";
  writer.record(end_of(writer.paths(), run, transition));
}

/// Ends the run as `judge` says, on disk where it can be.
RunRecord ended_by(const Workspace& workspace, const RunRecord& run, const Judge& judge) {
  const RunPaths paths(workspace, run.definition.id);
  try {
    auto writer = is_within(run) ? std::nullopt : RunWriter::try_open(workspace, run.definition.id);
    if (writer) end_lost_run(*writer, judge);
    RunRecord recorded = read_recorded(paths);
    if (is_terminal(recorded.state)) return recorded;
  } catch (const Error&) {  // a store that cannot be written: what we say of the run is true all the same
  }
  std::vector<Event> events = read_events(paths);
  events.push_back(end_of(paths, run, judge(run.state)));
  RunRecord told = fold(run.definition, events);
  told.end_is_recorded = false;
  return told;
}

/// The submitter was killed before it could write down the id.
void note_submitted(const Workspace& workspace, const RunId& id, const std::string& job) try {
  auto writer = RunWriter::try_open(workspace, id);
  if (!writer || writer->state() != State::not_started) return;
  Event queued;
  queued.time = now();
  queued.state = State::queued;
  queued.slurm_job = job;
  writer->record(std::move(queued));
} catch (const Error&) {  // it is found by its name all the same
}

}  // namespace

void end_lost_run(RunWriter& writer, const Evidence& seen) {
  end_lost_run(writer, [&](State last) { return settle(last, seen); });
}

bool lost_its_supervisor(const RunRecord& run) {
  if (run.state == State::canceled) return run.reason.starts_with(kCanceledAlone);
  return run.failure && (run.failure->cause == kSupervisorKilled || run.failure->cause == kSupervisorLost);
}

RunRecord settled(const Workspace& workspace, const RunRecord& run, const Evidence& seen) {
  const auto judge = [&](State last) { return settle(last, seen); };
  return judge(run.state).state == run.state ? run : ended_by(workspace, run, judge);
}

bool is_for_slurm(const RunPaths& paths, const RunRecord& run, bool lock_held) {
  if (run.definition.slurm_cluster.empty() || is_terminal(run.state) || lock_held) return false;
  // As in settle(): the lock file may have been deleted. Elsewhere the same number is another's.
  const Evidence seen = evidence_about(paths, run, false);
  return run.host != host_name() || !seen.same_boot || !seen.supervisor_alive;
}

RunRecord settled_by_slurm(const Workspace& workspace, const RunRecord& before) {
  const SlurmEvidence seen = slurm_evidence(workspace, before);
  const RunPaths paths(workspace, before.definition.id);
  // After Slurm was asked: by then the supervisor of a job that has ended has written its last word.
  if (FileLock::is_held(paths.lock())) return read_recorded(paths);
  RunRecord run = read_recorded(paths);
  const bool on_request = std::filesystem::exists(paths.cancel_request());
  const auto judge = [&](State last) {
    Transition transition = settle_by_slurm(last, seen);
    if (is_terminal(transition.state) && on_request)
      return Transition{State::canceled, "canceled on request", ""};
    return transition;
  };
  Transition transition = judge(run.state);
  if (is_terminal(run.state)) return run;
  if (is_terminal(transition.state)) return ended_by(workspace, run, judge);
  if (run.state == State::not_started && seen.job) {
    note_submitted(workspace, run.definition.id, seen.job->id);
    run.slurm_job = seen.job->id;
  }
  run.state = transition.state;
  if (!transition.reason.empty()) run.reason = std::move(transition.reason);
  return run;
}

}  // namespace amltrain
