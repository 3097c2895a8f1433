#include <csignal>

#include "job/submit.hpp"
#include "slurm/client.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/process_tree.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// For a supervisor that Slurm reaches: its worker's grace, and what it then writes down.
constexpr std::chrono::seconds kSlurmGrace{20}, kSlurmPoll{2};

/// To that process and no other: the handle can't come to name the next process of the same pid. A supervisor
/// that was stopped (SIGSTOP) takes the request only once it goes on.
void ask_to_stop(const ProcessIdentity& supervisor) {
  const auto process = ProcessHandle::open(supervisor.pid);
  if (process && is_alive(supervisor) && process->signal(SIGTERM)) process->signal(SIGCONT);
}

/// What a supervisor that is still being started looks for.
void leave_request(const RunPaths& paths) {
  const json request{
      {"schema", "amltrain.cancel/1"}, {"run", paths.id()}, {"requested_at", to_iso8601(now())}};
  publish_file(paths.cancel_request(), sealed_text(request));
}

/// Where the supervisor is not on this machine, Slurm reaches it; where there is none yet, Slurm forgets the
/// job. To be asked again until it has ended: Slurm takes no request while it is about to start a job anew.
void ask_slurm_to_end(const RunRecord& run, bool has_been_asked, bool late) {
  if (run.slurm_job.empty()) return;
  const RunId& id = run.definition.id;
  cancel_pending_job(id, run.slurm_job);
  if (late) return cancel_job(id, run.slurm_job);
  if (!has_been_asked) ask_job_to_end(id, run.slurm_job);
}

}  // namespace

RunRecord request_cancel(const Workspace& workspace, const RunId& id) {
  RunRecord record = read_run(workspace, id, Detail::state);
  if (is_terminal(record.state)) return record;
  leave_request(RunPaths(workspace, id));
  record = read_run(workspace, id, Detail::state);  // its supervisor may have come meanwhile
  if (is_terminal(record.state)) return record;
  if (!record.definition.slurm_cluster.empty())
    ask_slurm_to_end(record, false, false);
  else if (record.supervisor)
    ask_to_stop(*record.supervisor);
  return record;
}

RunRecord cancel_run(const Workspace& workspace, const RunId& id, std::chrono::seconds patience) {
  RunRecord record = read_run(workspace, id);
  if (is_terminal(record.state)) return record;
  const RunPaths paths(workspace, id);
  RunWatch watch(paths);
  leave_request(paths);
  const auto begun = Clock::now(), deadline = begun + patience;
  bool asked = false;
  auto asked_slurm = begun - kSlurmPoll;
  while (true) {
    record = read_run(workspace, id);
    if (is_terminal(record.state)) return record;
    if (!record.definition.slurm_cluster.empty()) {
      if (Clock::now() - asked_slurm >= kSlurmPoll) {
        ask_slurm_to_end(record, asked, Clock::now() - begun > kSlurmGrace);
        asked_slurm = Clock::now();
        asked = record.state > State::queued;
      }
    } else if (!asked && record.supervisor) {
      ask_to_stop(*record.supervisor);
      asked = true;
    }
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0)
      throw Error(category::timed_out,
                  "run " + id + " has not ended " + human_duration(patience) + " after the request",
                  "it goes on ending; see it with: amltrain runs show " + id);
    watch.wait(std::min(left, milliseconds(500)));
  }
}

}  // namespace amltrain
