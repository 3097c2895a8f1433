#include "history/leftovers.hpp"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <vector>

#include "support/control_group.hpp"
#include "support/error.hpp"
#include "support/process_tree.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::string mark_entry(const RunRecord& run) { return std::string(kRunMark) + "=" + run.mark; }

/// One look over the process table.
class Search {
 public:
  explicit Search(const RunRecord& run) : run_(run), entry_(mark_entry(run)) {}

  std::vector<ProcessHandle> find() {
    std::vector<ProcessHandle> left;
    for (const pid_t pid : process_ids()) {
      if (pid == getpid()) continue;
      // The handle first: what is then read in /proc is of that process, or of a later one of the same pid,
      // which the handle does not reach.
      auto handle = ProcessHandle::open(pid);
      if (handle && is_of_run(pid)) left.push_back(std::move(*handle));
    }
    return left;
  }

 private:
  /// By its own mark, or by that of one that it descends from: a program may start another without it.
  bool is_of_run(pid_t pid) {
    if (pid <= 1) return false;
    if (const auto known = answers_.find(pid); known != answers_.end()) return known->second;
    answers_[pid] = false;  // should the table change so that a way up is a circle
    return answers_[pid] = is_marked(pid) || is_of_run(parent_of(pid));
  }
  bool is_marked(pid_t pid) const {
    if (!started_with(pid, entry_)) return false;
    const auto identity = identify(pid);
    return identity && identity->start_ticks >= run_.supervisor->start_ticks;
  }

  const RunRecord& run_;
  std::string entry_;
  std::map<pid_t, bool> answers_;
};

/// False when one is not ours to kill.
bool kill_all(const std::vector<ProcessHandle>& processes) {
  bool ours = true;
  for (const ProcessHandle& process : processes) {
    try {
      process.signal(SIGKILL);
    } catch (const Error&) {
      ours = false;
    }
  }
  return ours;
}

void await_ends(const std::vector<ProcessHandle>& processes, Clock::time_point deadline) {
  for (const ProcessHandle& process : processes) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    pollfd end{process.fd(), POLLIN, 0};
    if (left.count() > 0) poll(&end, 1, static_cast<int>(left.count()));
  }
}

}  // namespace

std::string control_group_name(const RunId& id) { return "amltrain-" + id; }

bool is_within(const RunRecord& run) { return !run.mark.empty() && started_with(getpid(), mark_entry(run)); }

bool end_leftovers(const RunRecord& run, milliseconds patience) {
  if (!run.supervisor || run.supervisor->boot_id != boot_id()) return true;
  const auto deadline = Clock::now() + patience;
  const auto group = ControlGroup::open(run.control_group, control_group_name(run.definition.id));
  bool ended = !group || group->end(patience);
  if (run.mark.empty()) return ended;
  // Again, until a look finds none: one may have forked while it was looked for.
  while (Clock::now() < deadline) {
    const std::vector<ProcessHandle> left = Search(run).find();
    if (left.empty()) {
      forget_run_memory(run.mark);  // else what ranks had that were killed before they had all met stays
      return ended;
    }
    if (!kill_all(left)) return false;
    await_ends(left, deadline);
  }
  return false;
}

}  // namespace amltrain
