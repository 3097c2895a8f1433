#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "history/run_store.hpp"

namespace amltrain {

RunWatch::RunWatch(const RunPaths& paths) : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) return;  // the user's limit on watches is reached: wait() polls
  // The kernel closes a dead supervisor's lock file, so its end is an event too.
  constexpr std::uint32_t kChanges = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE;
  const bool watching = inotify_add_watch(inotify_.get(), paths.folder.c_str(), kChanges) >= 0;
  inotify_add_watch(inotify_.get(), paths.logs().c_str(), kChanges);  // absent in a damaged run
  if (!watching) inotify_.reset();
}

void RunWatch::wait(std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kWithoutInotify{200};
  if (!inotify_) patience = std::min(patience, kWithoutInotify);
  pollfd event{inotify_.get(), POLLIN, 0};
  const auto timeout = std::clamp<std::chrono::milliseconds::rep>(patience.count(), 0, 1 << 30);
  if (poll(&event, 1, static_cast<int>(timeout)) <= 0 || !inotify_) return;
  alignas(inotify_event) std::array<char, 4096> events{};
  while (read(inotify_.get(), events.data(), events.size()) > 0) {
  }
}

}  // namespace amltrain
