#include "job/queue_wait.hpp"

#include <algorithm>

#include "job/queue_view.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Where an event tells of every change, looking again is for the case that it can't.
constexpr milliseconds kWithEvents{2000}, kWithoutEvents{200};
/// An event may come a moment before the kernel drops the lock: then it is worth a second look.
constexpr milliseconds kSecondLook{20};

class Waiting {
 public:
  Waiting(const Workspace& workspace, const JobDefinition& job, const Sleep& sleep)
      : workspace_(workspace), job_(job), sleep_(sleep) {}

  void for_predecessors() {
    for (const Predecessor& before : job_.after) {
      JobDefinition one;
      one.after = {before};
      if (explain_predecessors(workspace_, one).empty()) continue;
      RunWatch watch(RunPaths(workspace_, before.run));
      const auto explain_all = [&] { return explain_predecessors(workspace_, job_); };
      while (!explain_predecessors(workspace_, one).empty()) {
        explain_all();  // one further on may have failed
        pause(
            watch.fd(), [&] { watch.wait(milliseconds(0)); }, explain_all);
      }
    }
  }

  Slot for_slot(const RunId& run, const std::string& compute, const QueuePlace& place) {
    QueueWatch watch(workspace_, compute);
    while (true) {
      ComputeTarget target = read_compute(workspace_, compute);  // again: it may be deleted meanwhile
      if (place.is_first()) {
        if (auto lease = Lease::try_take(workspace_, target, run))
          return {std::move(target), std::move(*lease)};
      }
      pause(
          watch.fd(), [&] { watch.drain(); },
          [&] {
            return place.is_first() ? explain_slots(workspace_, target)
                                    : "behind other runs in the queue of '" + compute + "'";
          });
    }
  }

 private:
  template <typename Drain, typename Reason>
  void pause(int fd, const Drain& drain, const Reason& reason) {
    const auto waited = Clock::now() - begun_;
    if (job_.queue_timeout && waited >= *job_.queue_timeout)
      throw Error(
          category::timed_out,
          "still queued after " + human_duration(*job_.queue_timeout) +
              ", its limit in the queue: " + reason(),
          "give it more time with --queue-timeout, or see what it waits for with: amltrain runs list");
    milliseconds patience = fd >= 0 ? kWithEvents : kWithoutEvents;
    if (second_look_) patience = kSecondLook;
    if (job_.queue_timeout)
      patience = std::min(patience, std::chrono::ceil<milliseconds>(*job_.queue_timeout - waited));
    const auto before = Clock::now();
    sleep_(patience, fd);
    drain();
    second_look_ = !second_look_ && Clock::now() - before < patience;
  }

  const Workspace& workspace_;
  const JobDefinition& job_;
  const Sleep& sleep_;
  const Clock::time_point begun_ = Clock::now();
  bool second_look_ = false;
};

}  // namespace

Slot wait_for_slot(const Workspace& workspace, const RunId& run, const std::string& compute,
                   const JobDefinition& job, QueuePlace& place, const Sleep& sleep) {
  Waiting waiting(workspace, job, sleep);
  waiting.for_predecessors();
  place.enter();
  return waiting.for_slot(run, compute, place);
}

}  // namespace amltrain
