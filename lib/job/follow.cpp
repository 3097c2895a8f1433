#include "job/follow.hpp"

#include <poll.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "job/log_follower.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// A supervisor's death changes nothing that inotify is sure to tell, so it is looked for this often.
constexpr milliseconds kLiveness{500};
/// Nor does the release of its lock.
constexpr milliseconds kRelease{5};

/// One run being followed.
class Followed {
 public:
  Followed(const Workspace& workspace, const RunId& id, const FollowOptions& options)
      : workspace_(workspace), id_(id), options_(options), paths_(workspace, id) {}

  /// Passes on what is new; true when the run has ended.
  bool advance() {
    if (!ended_) look();
    // Not for a run that has ended: the kernel takes milliseconds to close a watch.
    if (!ended_ && !watch_) {
      watch_.emplace(paths_);
      look();  // what changed before it watched
    }
    return ended_;
  }
  RunRecord record() const { return read_run(workspace_, id_, Detail::full); }
  bool ended() const { return ended_; }
  /// Has its end, which its writer has not left yet.
  bool ending() const { return ending_ && !ended_; }
  /// -1: nothing to wait for.
  int watch_fd() const { return ended_ ? -1 : watch_->fd(); }
  void clear_watch() { watch_->wait(milliseconds(0)); }

 private:
  void look() {
    // While a writer lives its last word may not be on disk yet, and is taken back when it can't be.
    const bool written = !FileLock::is_held(paths_.lock());
    // The state first: what is written before the end is then read after it, and nothing is missed.
    ending_ = is_terminal(read_run(workspace_, id_, Detail::state).state);
    ended_ = ending_ && written;
    pass_on_events();
    pass_on_log();
  }
  void pass_on_events() {
    if (!options_.on_event) return;
    const std::vector<Event> events = read_events(paths_);
    for (; events_seen_ < events.size(); ++events_seen_) options_.on_event(id_, events[events_seen_]);
  }
  void pass_on_log() {
    if (!options_.logs || !options_.on_log) return;
    find_logs();
    for (auto& [rank, log] : logs_) {
      const auto visit = [this, rank = rank](std::uint64_t number, const std::string& text) {
        options_.on_log(id_, {rank, logs_.size() > 1, number, text});
      };
      if (ended_)
        log.finish(visit);
      else
        log.drain(visit);
    }
  }
  /// Workers make their logs as they start.
  void find_logs() {
    for (const int rank : ranks_with_logs(paths_)) {
      if (!options_.rank || rank == *options_.rank)
        logs_.try_emplace(rank, paths_.worker_log(rank), options_.from_line);
    }
  }

  const Workspace& workspace_;
  RunId id_;
  const FollowOptions& options_;
  RunPaths paths_;
  std::optional<RunWatch> watch_;
  std::map<int, LogFollower> logs_;  // by rank
  std::size_t events_seen_ = 0;
  bool ending_ = false, ended_ = false;
};

/// Sleeps until a run's folder changes, a signal comes, or `patience` has passed.
void wait_for_change(std::vector<std::unique_ptr<Followed>>& runs, milliseconds patience) {
  std::vector<pollfd> events;
  for (const auto& run : runs) events.push_back({run->watch_fd(), POLLIN, 0});
  poll(events.data(), events.size(), static_cast<int>(patience.count()));
  for (std::size_t index = 0; index < runs.size(); ++index) {
    if (events[index].revents != 0) runs[index]->clear_watch();
  }
}

[[noreturn]] void throw_late(const std::vector<std::unique_ptr<Followed>>& runs, milliseconds timeout) {
  const auto open = std::count_if(runs.begin(), runs.end(), [](const auto& run) { return !run->ended(); });
  throw Error(category::timed_out,
              std::to_string(open) + (open == 1 ? " run has" : " runs have") + " not ended after " +
                  human_duration(timeout),
              "the runs go on; wait again, or see them with: amltrain runs list");
}

}  // namespace

std::vector<RunRecord> wait_for_runs(const Workspace& workspace, const std::vector<RunId>& runs,
                                     const FollowOptions& options) {
  std::vector<std::unique_ptr<Followed>> followed;  // pointers, since a watch must stay where it is
  for (const RunId& id : runs) {
    read_run(workspace, id, Detail::state);  // names a run that is not there, before any wait
    followed.push_back(std::make_unique<Followed>(workspace, id, options));
  }
  const auto begun = Clock::now();
  while (true) {
    std::size_t ended = 0;
    for (const auto& run : followed) ended += run->advance() ? 1 : 0;
    if (ended == followed.size() || (ended > 0 && options.until == Until::any_ended)) break;
    if (options.stop && options.stop())
      throw Error(category::canceled, "stopped waiting",
                  "the runs go on; wait again, or cancel them: amltrain runs cancel");
    const bool ending =
        std::any_of(followed.begin(), followed.end(), [](const auto& run) { return run->ending(); });
    milliseconds patience = ending ? kRelease : kLiveness;
    if (options.timeout) {
      const auto left = std::chrono::ceil<milliseconds>(begun + *options.timeout - Clock::now());
      if (left.count() <= 0) throw_late(followed, *options.timeout);
      patience = std::min(patience, left);
    }
    wait_for_change(followed, patience);
  }
  std::vector<RunRecord> records;
  for (const auto& run : followed) {
    if (run->ended()) records.push_back(run->record());
  }
  return records;
}

}  // namespace amltrain
