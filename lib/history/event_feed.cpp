#include "history/event_feed.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "support/error.hpp"

namespace amltrain {
namespace {

/// A supervisor's death changes nothing that inotify is sure to tell.
constexpr std::chrono::milliseconds kLiveness{500};

}  // namespace

void to_json(json& out, const FedEvent& fed) {
  out = {{"run", fed.run}};
  out.update(json(fed.event));
}

EventFeed::EventFeed(const Workspace& workspace, std::optional<RunId> only)
    : workspace_(workspace), only_(std::move(only)), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (inotify_ && !only_)
    inotify_add_watch(inotify_.get(), (workspace.store() / "runs").c_str(), IN_CREATE | IN_MOVED_TO);
}

std::vector<FedEvent> EventFeed::next() {
  std::vector<FedEvent> out;
  for (const RunId& run : only_ ? std::vector{*only_} : workspace_.runs()) {
    Seen& seen = runs_[run];
    if (seen.ended) continue;
    try {
      take(run, seen, out);
    } catch (const Error& problem) {
      if (only_) throw;
      // Damaged or deleted: nothing more is to be had of it. What else there is may pass.
      seen.ended = problem.kind() == category::not_found || problem.kind() == category::bad_input;
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const FedEvent& left, const FedEvent& right) {
    return left.event.time < right.event.time;
  });
  return out;
}

void EventFeed::take(const RunId& run, Seen& seen, std::vector<FedEvent>& out) {
  const RunPaths paths(workspace_, run);
  const auto read_new = [&] {
    std::vector<Event> events = read_events(paths);
    for (; seen.events < events.size(); ++seen.events) {
      seen.ended = is_terminal(events[seen.events].state);
      out.push_back({run, std::move(events[seen.events])});
    }
  };
  read_new();
  if (seen.ended) return;
  // Watched before it is read again, so that what comes between is not missed.
  if (inotify_ && !seen.watched)
    seen.watched = inotify_add_watch(inotify_.get(), paths.folder.c_str(), IN_MODIFY | IN_CLOSE_WRITE) >= 0;
  read_run(workspace_, run, Detail::state);  // settles it
  read_new();
}

bool EventFeed::ended() const {
  if (!only_) return false;
  const auto found = runs_.find(*only_);
  return found != runs_.end() && found->second.ended;
}

void EventFeed::wait(std::chrono::milliseconds patience) {
  pollfd event{inotify_.get(), POLLIN, 0};
  poll(&event, 1, static_cast<int>(std::min(patience, kLiveness).count()));
  alignas(inotify_event) std::array<char, 4096> events{};
  while (inotify_ && read(inotify_.get(), events.data(), events.size()) > 0) {
  }
}

}  // namespace amltrain
