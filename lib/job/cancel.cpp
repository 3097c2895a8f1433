#include <csignal>

#include "job/submit.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/process_tree.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

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

}  // namespace

RunRecord request_cancel(const Workspace& workspace, const RunId& id) {
  RunRecord record = read_run(workspace, id, Detail::state);
  if (is_terminal(record.state)) return record;
  leave_request(RunPaths(workspace, id));
  record = read_run(workspace, id, Detail::state);  // its supervisor may have come meanwhile
  if (!is_terminal(record.state) && record.supervisor) ask_to_stop(*record.supervisor);
  return record;
}

RunRecord cancel_run(const Workspace& workspace, const RunId& id, std::chrono::seconds patience) {
  RunRecord record = read_run(workspace, id);
  if (is_terminal(record.state)) return record;
  const RunPaths paths(workspace, id);
  RunWatch watch(paths);
  leave_request(paths);
  const auto deadline = Clock::now() + patience;
  bool asked = false;
  while (true) {
    record = read_run(workspace, id);
    if (is_terminal(record.state)) return record;
    if (!asked && record.supervisor) {
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
