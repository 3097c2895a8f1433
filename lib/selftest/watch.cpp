#include "selftest/watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "support/error.hpp"

namespace amltrain {
namespace {

using Clock = std::chrono::steady_clock;

Fd watch_process(pid_t pid) {
  Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process) throw_errno("cannot watch process " + std::to_string(pid));
  return process;
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}

}  // namespace

Watch::Watch(std::filesystem::path log, const std::filesystem::path& checkpoints)
    : log_(std::move(log)), inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!inotify_ || inotify_add_watch(inotify_.get(), log_.c_str(), IN_MODIFY) < 0 ||
      inotify_add_watch(inotify_.get(), checkpoints.c_str(), IN_CREATE) < 0)
    throw_errno("cannot watch " + checkpoints.string());
}

bool Watch::reaches(const Aim& aim, pid_t pid) {
  const Fd process = watch_process(pid);
  const auto start = Clock::now();
  constexpr auto never = Clock::time_point::max();
  Clock::time_point due = aim.at == Aim::At::moment ? start + aim.delay : never;
  while (true) {
    if (due == never && has_come(aim)) due = Clock::now() + aim.delay;
    if (Clock::now() >= due) return true;
    std::array<pollfd, 2> watched{{{process.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
    const int ready = poll(watched.data(), watched.size(), due == never ? -1 : milliseconds_until(due));
    if (ready < 0 && errno != EINTR) throw_errno("cannot watch process " + std::to_string(pid));
    if (ready > 0 && watched[0].revents != 0) return false;
    take_events();
  }
}

bool Watch::has_come(const Aim& aim) const {
  if (aim.at == Aim::At::checkpoint) return files_begun_ >= aim.count;
  const std::string text = read_file(log_);
  int results = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    if (aim.at == Aim::At::epoch && line.starts_with("Epoch ") && std::atoi(line.c_str() + 6) >= aim.count)
      return true;
    results += line.starts_with("train Loss");
    start = end + 1;
  }
  return aim.at == Aim::At::validation && results >= aim.count;
}

void Watch::take_events() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = read(inotify_.get(), buffer.data(), buffer.size());
    if (count <= 0) return;
    for (ssize_t at = 0; at < count;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      if (event.len > 0 && is_temporary_name(name)) ++files_begun_;
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

}  // namespace amltrain
