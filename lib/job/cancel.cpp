#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "job/submit.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/sealed.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// To that process and no other: a pidfd can't come to name the next process of the same pid.
void ask_to_stop(const ProcessIdentity& supervisor) {
  const Fd process(static_cast<int>(syscall(SYS_pidfd_open, supervisor.pid, 0)));
  if (!process || !is_alive(supervisor)) return;
  if (syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) != 0 && errno == EPERM)
    throw Error(category::bad_input,
                "process " + std::to_string(supervisor.pid) + " supervises the run for another user",
                "cancel it as the user who submitted it");
}

}  // namespace

RunRecord cancel_run(const Workspace& workspace, const RunId& id, std::chrono::seconds patience) {
  RunRecord record = read_run(workspace, id);
  if (is_terminal(record.state)) return record;
  const RunPaths paths(workspace, id);
  RunWatch watch(paths);
  const json request{{"schema", "amltrain.cancel/1"}, {"run", id}, {"requested_at", to_iso8601(now())}};
  publish_file(paths.cancel_request(), sealed_text(request));

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
