#include "job/queue_wait.hpp"

#include <algorithm>

#include "history/run_store.hpp"
#include "job/gpu_wish.hpp"
#include "job/queue_view.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Where an event tells of every change, looking again is for the case that it can't.
constexpr milliseconds kWithEvents{2000}, kFarBehind{10'000}, kWithoutEvents{200};
/// An event may come a moment before the kernel drops the lock: then it is worth a second look.
constexpr milliseconds kSecondLook{20};
/// The folder of a run that goes on has an event for each line of its metrics, so its end is asked for.
constexpr milliseconds kPredecessorPoll{250};
/// No event tells that a stranger has left a GPU, and asking the driver takes some milliseconds.
constexpr milliseconds kGpuPoll{2000};

/// Longer than ending the processes of a run takes.
constexpr std::chrono::seconds kSettling{15};

class Waiting {
 public:
  Waiting(const Workspace& workspace, const JobDefinition& job, const QueueCalls& calls)
      : workspace_(workspace), job_(job), calls_(calls) {}

  void for_predecessors() {
    while (true) {
      const std::string waits = explain_predecessors(workspace_, job_);
      if (waits.empty()) return;
      require_time(waits);
      sleep(kPredecessorPoll, -1);
    }
  }

  Slot for_slot(const RunId& run, const std::string& compute, QueuePlace& place) {
    QueueWatch watch(workspace_, compute);
    while (true) {
      ComputeTarget target = read_compute(workspace_, compute);  // again: it may be deleted meanwhile
      SlotChoice choice;
      std::string waits = "behind other runs in the queue of '" + compute + "'";
      const bool is_first = place.is_first();
      if (is_first) {
        choice = choose(target);
        if (!choice.slots.empty()) {
          if (auto lease = Lease::try_take(workspace_, target, choice.slots, run)) {
            for (const RunId& before : lease->previous_holders()) see_off(before);
            target.gpus = gpus_to_name(target, choice.gpus);
            return {std::move(target), std::move(*lease)};
          }
        }
        place.note(choice.busy);
        waits = explain_slots(workspace_, target, job_.slots, choice.busy);
      }
      require_time(waits);
      milliseconds patience = watch.fd() < 0 ? kWithoutEvents : is_first ? kWithEvents : kFarBehind;
      if (!choice.busy.empty()) patience = kGpuPoll;
      const bool woken = sleep(second_look_ ? kSecondLook : patience, watch.fd());
      watch.drain();
      second_look_ = woken;
    }
  }

 private:
  /// Where both supervisor and keeper of a run were killed, its lock has gone and its processes may be there:
  /// they are ended by whoever settles it, and that is to be over before its slot is used again.
  void see_off(const RunId& before) const try {
    const auto deadline = Clock::now() + kSettling;
    read_run(workspace_, before, Detail::state);
    while (FileLock::is_held(RunPaths(workspace_, before).lock()) && Clock::now() < deadline)
      calls_.sleep(kSecondLook, -1);
  } catch (const Error& problem) {
    if (problem.kind() == category::canceled) throw;  // this run, while it slept
    // It was deleted, or is damaged: nothing tells of its processes.
  }

  /// While too few slots are free, nobody asks the driver.
  SlotChoice choose(const ComputeTarget& target) const {
    const SlotWish wish = slot_wish(job_, target);
    const std::vector<int> free = free_slots(workspace_, target);
    if (static_cast<int>(free.size()) < wish.count) return {};
    const BusyGpus busy =
        wish.gpus.empty() ? BusyGpus{} : calls_.find_busy_gpus(target, slot_holders(workspace_, target));
    return choose_slots(wish, free, target.max_nodes, busy);
  }

  void require_time(const std::string& reason) const {
    if (!job_.queue_timeout || Clock::now() - begun_ < *job_.queue_timeout) return;
    throw Error(
        category::timed_out,
        "still queued after " + human_duration(*job_.queue_timeout) + ", its limit in the queue: " + reason,
        "give it more time with --queue-timeout, or see what it waits for with: amltrain runs list");
  }

  /// True when something woke it.
  bool sleep(milliseconds patience, int fd) const {
    const auto now = Clock::now();
    if (job_.queue_timeout)
      patience = std::min(patience, std::chrono::ceil<milliseconds>(begun_ + *job_.queue_timeout - now));
    calls_.sleep(patience, fd);
    return Clock::now() - now < patience;
  }

  const Workspace& workspace_;
  const JobDefinition& job_;
  const QueueCalls& calls_;
  const Clock::time_point begun_ = Clock::now();
  bool second_look_ = false;
};

}  // namespace

Slot wait_for_slot(const Workspace& workspace, const RunId& run, const std::string& compute,
                   const JobDefinition& job, QueuePlace& place, const QueueCalls& calls) {
  Waiting waiting(workspace, job, calls);
  waiting.for_predecessors();
  place.enter();
  return waiting.for_slot(run, compute, place);
}

}  // namespace amltrain
