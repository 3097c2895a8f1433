#include "job/queue_wait.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "job/gpu_wish.hpp"
#include "job/previous_holder.hpp"
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

/// Under these locks a few small files are written. Who holds one for longer has been stopped, or waits for
/// its disk: then the run goes on waiting, and says so.
constexpr milliseconds kLockPatience{500};

/// Between two looks for what is left of a run.
constexpr milliseconds kLeftoverPoll{1000}, kLeftoverSeldom{10'000};
/// Longer than this nobody stands in the way of others with a slot that can't be used yet.
constexpr milliseconds kSeeingOff{3000};

/// Absent when another process holds it.
std::optional<FileLock> lock_soon(const std::filesystem::path& file) try {
  return FileLock::acquire(file, kLockPatience);
} catch (const Error& problem) {
  if (problem.kind() != category::conflict) throw;
  return std::nullopt;
}

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

  void enter(QueuePlace& place, const std::string& compute) const {
    while (true) {
      try {
        return place.enter(kLockPatience);
      } catch (const Error& problem) {
        if (problem.kind() != category::conflict) throw;
      }
      require_time("another process holds locks/queue-" + compute + ".lock");
      sleep(kWithoutEvents, -1);
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
        forget_blocked();
        if (auto slot = take(run, target, busy)) {
          if (see_off_previous(*slot, run, place)) return std::move(*slot);
          slot->lease.give_back();
          continue;
        }
        if (driver_is_silent_) {
          step_aside_for_driver(place, target);
          continue;
        }
        if (are_too_many_blocked(target)) {
          step_aside_for_blocked(place, target);
          continue;
        }
        place.note(busy);
        waits = explain_slots(workspace_, target, run, job_.slots, busy);
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
  /// they are ended by whoever settles it, and that is to be over before its slot is used again. One that the
  /// kernel can't end still uses what the slot stands for: then that slot is blocked, and false is returned.
  bool see_off_previous(Slot& slot, const RunId& run, const QueuePlace& place) {
    for (const RunId& before : slot.lease.previous_holders()) {
      if (before == run || see_off(before, place)) continue;  // itself: one of the same name, deleted since
      for (const int number : slot.lease.slots_after(before)) blocked_[number] = before;
      return false;
    }
    slot.lease.forget_previous();
    return true;
  }

  bool see_off(const RunId& before, const QueuePlace& place) const {
    const std::string waits = "has its slot, and waits for the end of what is left of run " + before;
    const auto begun = Clock::now();
    for (milliseconds pause = kSecondLook; !is_gone(workspace_, before);
         pause = std::min(pause * 2, kLeftoverPoll)) {
      place.note(waits);
      require_time(waits);
      if (Clock::now() - begun > kSeeingOff) return false;
      sleep(pause, -1);
    }
    return true;
  }

  void forget_blocked() {
    std::erase_if(blocked_, [&](const auto& slot) { return is_gone(workspace_, slot.second); });
  }

  /// No matter which others come free.
  bool are_too_many_blocked(const ComputeTarget& target) const {
    return target.max_nodes - static_cast<int>(blocked_.size()) < job_.slots;
  }

  std::string describe_blocked() const {
    const auto& [slot, before] = *blocked_.begin();
    return "what is left of run " + before + " still uses slot " + std::to_string(slot);
  }

  std::vector<int> usable_slots(const ComputeTarget& target) const {
    std::vector<int> slots = free_slots(workspace_, target);
    std::erase_if(slots, [&](int slot) { return blocked_.contains(slot); });
    return slots;
  }

  /// A driver may hang for ever, and those behind may need none: they are served until it answers.
  void step_aside_for_driver(QueuePlace& place, const ComputeTarget& target) {
    const std::string waits = "waits for an answer of the driver of the GPUs of '" + target.name + "'";
    place.leave();
    calls_.tell(waits + "; runs behind it that need no GPU are served");
    do {
      require_time(waits);
      sleep(kGpuPoll, -1);
    } while (!calls_.find_busy_gpus(names_of_holders(target)));
    driver_is_silent_ = false;
    read_compute(workspace_, target.name);  // as in wait_for_slot()
    enter(place, target.name);
  }

  /// Those behind may want fewer slots: they are served until its are free of what was left in them.
  void step_aside_for_blocked(QueuePlace& place, const ComputeTarget& target) {
    place.leave();
    calls_.tell("waits: " + describe_blocked() + " of '" + target.name + "'; runs behind it are served");
    milliseconds pause = kLeftoverPoll;
    for (; are_too_many_blocked(target); pause = std::min(pause * 2, kLeftoverSeldom)) {
      require_time(describe_blocked());
      sleep(pause, -1);
      forget_blocked();
    }
    read_compute(workspace_, target.name);  // as in wait_for_slot()
    enter(place, target.name);
  }

  /// Absent when the slots can't be had now; `busy` says so where GPUs are the reason.
  std::optional<Slot> take(const RunId& run, const ComputeTarget& target, std::string& busy) {
    const SlotWish wish = slot_wish(job_, target);
    // While too few slots are free, nobody asks the driver.
    if (static_cast<int>(usable_slots(target).size()) < wish.count) {
      if (!blocked_.empty()) busy = describe_blocked();
      return std::nullopt;
    }
    if (wish.gpus.empty()) return take(run, target, wish, {}, busy);
    auto strangers = calls_.find_busy_gpus(names_of_holders(target));
    driver_is_silent_ = !strangers;
    if (!strangers) return std::nullopt;
    // Runs of several targets that have the same GPUs take them one after the other.
    const auto taking = lock_soon(workspace_.lock_file("gpus"));
    if (!taking) {
      busy = "another process holds locks/gpus.lock, under which GPUs are given away";
      return std::nullopt;
    }
    BusyGpus others = gpus_of_other_targets(workspace_, target);
    others.merge(*strangers);
    return take(run, target, wish, others, busy);
  }

  std::optional<Slot> take(const RunId& run, const ComputeTarget& target, const SlotWish& wish,
                           const BusyGpus& not_these, std::string& busy) const {
    const SlotChoice choice = choose_slots(wish, usable_slots(target), target.max_nodes, not_these);
    busy = choice.busy;
    if (choice.slots.empty()) return std::nullopt;
    auto lease = Lease::try_take(workspace_, target, choice.slots, run, choice.gpus);
    if (!lease) return std::nullopt;
    Slot slot{target, std::move(*lease)};
    slot.target.gpus = gpus_to_name(target, choice.gpus);
    if (!target.hosts.empty()) slot.target.hosts = hosts_of_slots(target.hosts, choice.slots);
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
  bool second_look_ = false, driver_is_silent_ = false;
  std::map<int, RunId> blocked_;  // slots that can't be used before the run has gone
};

}  // namespace

std::string describe(const Slot& slot) {
  const std::vector<Host>& hosts = slot.target.hosts;
  if (!hosts.empty())
    return (hosts.size() == 1 ? "host " : "hosts ") + names_of(hosts) + " of '" + slot.target.name + "'";
  std::vector<std::string> words;
  for (const int number : slot.lease.slots()) words.push_back(std::to_string(number));
  return (words.size() == 1 ? "slot " : "slots ") + join(words, ", ") + " of '" + slot.target.name + "'";
}

Slot wait_for_slot(const Workspace& workspace, const RunId& run, const std::string& compute,
                   const JobDefinition& job, QueuePlace& place, const QueueCalls& calls) {
  Waiting waiting(workspace, job, calls);
  waiting.for_predecessors();
  read_compute(workspace, compute);  // deleted meanwhile: its place would be in a folder that is gone
  waiting.enter(place, compute);
  return waiting.for_slot(run, compute, place);
}

}  // namespace amltrain
