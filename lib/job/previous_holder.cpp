#include "job/previous_holder.hpp"

#include "history/leftovers.hpp"
#include "history/run_store.hpp"
#include "history/settling.hpp"
#include "support/error.hpp"
#include "support/host.hpp"
#include "support/lock.hpp"

namespace amltrain {
namespace {

/// Their end is usually a matter of milliseconds.
constexpr std::chrono::milliseconds kPatience{100};

}  // namespace

bool is_gone(const Workspace& workspace, const RunId& id) try {
  const RunRecord run = read_run(workspace, id, Detail::state);
  if (run.state == State::queued) return true;  // it had one of several slots for a moment, and waits for all
  if (!is_terminal(run.state)) return !run.host.empty() && run.host != host_name();  // nothing of it is here
  // A dying process lets its locks go before it has left, and before its children are told: it looks alive.
  if (FileLock::is_held(RunPaths(workspace, id).lock())) return false;
  return !lost_its_supervisor(run) || end_leftovers(run, kPatience);
} catch (const Error& problem) {
  // It was deleted, or is damaged: nothing tells of its processes. Anything else says nothing of it.
  return problem.kind() == category::not_found || problem.kind() == category::bad_input;
}

}  // namespace amltrain
