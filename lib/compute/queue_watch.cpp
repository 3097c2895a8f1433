#include <sys/inotify.h>
#include <unistd.h>

#include <array>

#include "compute/queue.hpp"

namespace amltrain {

QueueWatch::QueueWatch(const Workspace& workspace, const std::string& compute)
    : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) return;  // the user's limit on instances is reached
  // The kernel closes the lock files of a process that has died: that is an event as well.
  constexpr std::uint32_t kFreed = IN_CLOSE_WRITE | IN_DELETE;
  if (inotify_add_watch(inotify_.get(), workspace.lease_folder(compute).c_str(), kFreed) < 0)
    inotify_.reset();
}

void QueueWatch::drain() {
  alignas(inotify_event) std::array<char, 4096> events{};
  while (inotify_ && read(inotify_.get(), events.data(), events.size()) > 0) {
  }
}

}  // namespace amltrain
