#include "job/queue_wait.hpp"

#include <algorithm>
#include <optional>

#include "history/run_store.hpp"
#include "job/gpu_wish.hpp"
#include "job/queue_view.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Those that are served next are woken by events. The others look now and then, the less often the more are
/// ahead, so that thousands may wait: 50 a second are served at most.
constexpr std::size_t kNext = 16;
constexpr milliseconds kPerPlace{20}, kFarBehind{10'000};
/// Where an event tells of every change, looking again is for the case that it can't.
constexpr milliseconds kWithEvents{2000}, kWithoutEvents{200};
/// An event may come a moment before the kernel drops the lock: then it is worth a second look.
constexpr milliseconds kSecondLook{20};
/// The folder of a run that goes on has an event for each line of its metrics, so its end is asked for.
constexpr milliseconds kPredecessorPoll{250};
/// No event tells that a stranger has left a GPU, and asking the driver takes some milliseconds.
constexpr milliseconds kGpuPoll{2000};

/// Taking slots is a matter of a few small files.
constexpr std::chrono::seconds kTakingPatience{30};

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
    std::optional<QueueWatch> watch;
    while (true) {
      const ComputeTarget target = read_compute(workspace_, compute);  // again: it may be deleted meanwhile
      if (job_.slots > target.max_nodes)  // made anew since the run was submitted
        throw Error(category::bad_input,
                    "the run wants " + std::to_string(job_.slots) + " slots, and '" + compute + "' has " +
                        std::to_string(target.max_nodes),
                    "ask for fewer with --slots");
      std::string waits = "behind other runs in the queue of '" + compute + "'";
      std::string busy;
      std::size_t ahead = place.ahead();
      if (ahead < kNext && !watch) {
        watch.emplace(workspace_, compute);
        ahead = place.ahead();  // what happened before is no event
      }
      if (ahead == 0) {
        if (auto slot = take(run, target, busy)) {
          for (const RunId& before : slot->lease.previous_holders())
            if (before != run) see_off(before);  // a run of the same name, deleted since
          slot->lease.forget_previous();
          return std::move(*slot);
        }
        place.note(busy);
        waits = explain_slots(workspace_, target, job_.slots, busy);
      }
      require_time(waits);
      const int events = watch ? watch->fd() : -1;
      milliseconds patience = events < 0 ? kWithoutEvents : kWithEvents;
      if (!busy.empty()) patience = kGpuPoll;
      if (ahead >= kNext) patience = std::min<milliseconds>(ahead * kPerPlace, kFarBehind);
      const bool woken = sleep(second_look_ ? kSecondLook : patience, events);
      if (watch) watch->drain();
      second_look_ = woken;
    }
  }

 private:
  /// Where both supervisor and keeper of a run were killed, its lock has gone and its processes may be there:
  /// they are ended by whoever settles it, and that is to be over before its slot is used again.
  void see_off(const RunId& before) const try {
    const auto deadline = Clock::now() + kSettling;
    // A dying process lets its locks go before it has left, and before its children are told: it looks alive.
    while (!is_terminal(read_run(workspace_, before, Detail::state).state) ||
           FileLock::is_held(RunPaths(workspace_, before).lock())) {
      if (Clock::now() >= deadline) return;
      calls_.sleep(kSecondLook, -1);
    }
  } catch (const Error& problem) {
    if (problem.kind() == category::canceled) throw;  // this run, while it slept
    // It was deleted, or is damaged: nothing tells of its processes.
  }

  /// Absent when the slots can't be had now; `busy` says so where GPUs are the reason.
  std::optional<Slot> take(const RunId& run, const ComputeTarget& target, std::string& busy) const {
    const SlotWish wish = slot_wish(job_, target);
    // While too few slots are free, nobody asks the driver.
    if (static_cast<int>(free_slots(workspace_, target).size()) < wish.count) return std::nullopt;
    if (wish.gpus.empty()) return take(run, target, wish, {}, busy);
    BusyGpus strangers = calls_.find_busy_gpus(target, names_of_holders(target));
    // Runs of several targets that have the same GPUs take them one after the other.
    const FileLock taking = FileLock::acquire(workspace_.lock_file("gpus"), kTakingPatience);
    BusyGpus others = gpus_of_other_targets(workspace_, target);
    others.merge(strangers);
    return take(run, target, wish, others, busy);
  }

  std::optional<Slot> take(const RunId& run, const ComputeTarget& target, const SlotWish& wish,
                           const BusyGpus& not_these, std::string& busy) const {
    const SlotChoice choice = choose_slots(wish, free_slots(workspace_, target), target.max_nodes, not_these);
    busy = choice.busy;
    if (choice.slots.empty()) return std::nullopt;
    auto lease = Lease::try_take(workspace_, target, choice.slots, run, choice.gpus);
    if (!lease) return std::nullopt;
    Slot slot{target, std::move(*lease)};
    slot.target.gpus = gpus_to_name(target, choice.gpus);
    return slot;
  }

  std::vector<std::string> names_of_holders(const ComputeTarget& target) const {
    std::vector<std::string> runs;
    for (SlotHolder& holder : slot_holders(workspace_, target)) runs.push_back(std::move(holder.run));
    return runs;
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
  read_compute(workspace, compute);  // deleted meanwhile: its place would be in a folder that is gone
  place.enter();
  return waiting.for_slot(run, compute, place);
}

}  // namespace amltrain
