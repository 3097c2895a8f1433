#include "engine/parallel/signs.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "engine/parallel/socket.hpp"

namespace amltrain::engine {
namespace {

constexpr std::chrono::milliseconds kPause{250};
/// Of a host that is gone nothing comes back: so long a cable may be out.
constexpr std::chrono::seconds kUnanswered{6};

}  // namespace

Signs::Signs(std::vector<Fd> sockets, std::function<std::vector<Sign>()> own) : own_(std::move(own)) {
  const std::size_t ranks = own_().size();
  for (Fd& socket : sockets) {
    if (socket) end_when_unanswered(socket.get(), kUnanswered);
    Other other{std::move(socket)};
    other.seen.ranks.resize(ranks);
    others_.push_back(std::move(other));
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { exchange(stop); });
}

Signs::OfHost Signs::of(std::size_t node) const {
  const std::lock_guard lock(mutex_);
  return others_[node].seen;
}

void Signs::exchange(const std::stop_token& stop) {
  auto next = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next) {
      for (Other& other : others_) tell(other);
      next = now + kPause;
    }
    std::vector<pollfd> all;
    for (const Other& other : others_)
      all.push_back({other.socket.get(), POLLIN, 0});  // empty: -1, not looked at
    poll(all.data(), all.size(), 50);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].revents != 0) hear(others_[i]);
  }
}

void Signs::lose(Other& other, int problem) {
  const std::lock_guard lock(mutex_);
  other.seen.problem = problem;
  other.socket.reset();
}

void Signs::tell(Other& other) {
  if (!other.socket) return;
  if (other.out.empty()) {  // else the other end does not read, and the news can wait
    const std::vector<Sign> signs = own_();
    const auto bytes = std::as_bytes(std::span(signs));
    other.out.assign(bytes.begin(), bytes.end());
  }
  const ssize_t count = send(other.socket.get(), other.out.data(), other.out.size(), MSG_NOSIGNAL);
  if (count > 0) other.out.erase(other.out.begin(), other.out.begin() + count);
  if (count < 0 && errno != EAGAIN && errno != EINTR) lose(other, errno);
}

void Signs::hear(Other& other) {
  const std::size_t whole = other.seen.ranks.size() * sizeof(Sign);
  std::vector<std::byte> bytes(64 * whole);
  const ssize_t count = recv(other.socket.get(), bytes.data(), bytes.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return lose(other, count == 0 ? ECONNRESET : errno);
  other.in.insert(other.in.end(), bytes.begin(), bytes.begin() + count);
  const std::size_t complete = other.in.size() / whole * whole;
  if (complete == 0) return;
  const std::lock_guard lock(mutex_);
  ++other.seen.heard;
  std::memcpy(other.seen.ranks.data(), other.in.data() + complete - whole, whole);
  other.in.erase(other.in.begin(), other.in.begin() + static_cast<std::ptrdiff_t>(complete));
}

}  // namespace amltrain::engine
