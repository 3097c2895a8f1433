#include "engine/parallel/mesh.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "engine/parallel/bf16.hpp"

namespace amltrain::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLookMilliseconds = 100;
/// What is added at a time: small enough to stay in a core's cache, and to be on its way before the rest has
/// come.
constexpr std::size_t kAtATime = std::size_t{1} << 15;

float as_float(float value) { return value; }
float as_float(std::uint16_t value) { return from_bf16(value); }
void set(float& value, float sum) { value = sum; }
void set(std::uint16_t& value, float sum) { value = to_bf16(sum); }

}  // namespace

Mesh::Mesh(std::vector<Fd> sockets, std::size_t own, Lookout& lookout)
    : sockets_(std::move(sockets)), own_(own), lookout_(lookout) {}

void Mesh::sum(std::span<float> values) { sum_as(values); }
void Mesh::sum(std::span<std::uint16_t> values) { sum_as(values); }

// A value's sum overwrites it: where it is added, and where it was sent from, since its sum comes after that.
template <typename Value>
void Mesh::sum_as(std::span<Value> values) {
  const std::size_t hosts = sockets_.size();
  const auto begin = [&](std::size_t node) { return values.size() * node / hosts; };
  const auto share = [&](std::size_t node) {
    return values.subspan(begin(node), begin(node + 1) - begin(node));
  };
  const std::span<Value> own = share(own_);
  inbox_.resize(hosts * own.size_bytes());
  std::vector<const Value*> addends;
  std::vector<Traffic> all(hosts);
  for (std::size_t node = 0; node < hosts; ++node) {
    std::byte* const inbox = inbox_.data() + node * own.size_bytes();
    addends.push_back(node == own_ ? own.data() : reinterpret_cast<const Value*>(inbox));
    if (node == own_) continue;
    Traffic& traffic = all[node];
    traffic.out[0] = std::as_bytes(share(node));
    traffic.out[1] = std::as_bytes(own);
    traffic.in[0] = {inbox, own.size_bytes()};
    traffic.in[1] = std::as_writable_bytes(share(node));
    traffic.ready = traffic.out[0].size();
  }
  std::size_t summed = 0;
  std::vector<float> sums(kAtATime);
  const auto add = [&] {
    std::size_t here = own.size();
    for (std::size_t node = 0; node < hosts; ++node)
      if (node != own_) here = std::min(here, all[node].received / sizeof(Value));
    while (summed < here && (here - summed >= kAtATime || here == own.size())) {
      const std::size_t count = std::min(kAtATime, here - summed);
      for (std::size_t i = 0; i < count; ++i) sums[i] = as_float(addends[0][summed + i]);
      for (std::size_t node = 1; node < hosts; ++node) {
        const Value* const theirs = addends[node] + summed;
        for (std::size_t i = 0; i < count; ++i) sums[i] += as_float(theirs[i]);
      }
      for (std::size_t i = 0; i < count; ++i) set(own[summed + i], sums[i]);
      summed += count;
    }
    for (Traffic& traffic : all)
      traffic.ready = traffic.out[0].size() + std::min(summed * sizeof(Value), traffic.out[1].size());
  };
  exchange(all, add);
}

void Mesh::gather(std::span<std::byte> all) {
  const std::size_t hosts = sockets_.size(), each = all.size() / hosts;
  std::vector<Traffic> traffic(hosts);
  for (std::size_t node = 0; node < hosts; ++node) {
    if (node == own_) continue;
    traffic[node].out[0] = all.subspan(own_ * each, each);
    traffic[node].in[0] = all.subspan(node * each, each);
    traffic[node].ready = each;
  }
  exchange(traffic, [] {});
}

void Mesh::exchange(std::vector<Traffic>& all, const std::function<void()>& arrived) {
  const Clock::time_point begun = Clock::now();
  Clock::time_point looked = begun;
  Lookout::Silences silences;
  bool all_began = false;
  while (!std::ranges::all_of(all, &Traffic::done)) {
    bool moved = false, came = false;
    for (std::size_t node = 0; node < all.size(); ++node) {
      if (node == own_) continue;
      moved |= send_some(node, all[node]);
      came |= receive_some(node, all[node]);
    }
    if (came) arrived();
    if (!all_began && std::ranges::all_of(all, [](const Traffic& one) {
          return one.received > 0 || one.to_receive() == 0;
        })) {
      all_began = true;
      waiting_ += std::chrono::duration<double>(Clock::now() - begun).count();
    }
    if (!moved && !came) wait(all);
    if (Clock::now() - looked < std::chrono::milliseconds(kLookMilliseconds)) continue;
    looked = Clock::now();
    std::vector<bool> missing;
    for (const Traffic& traffic : all) missing.push_back(!traffic.done());
    lookout_.look(missing, silences);
  }
}

bool Mesh::send_some(std::size_t node, Traffic& traffic) {
  if (traffic.sent == traffic.ready) return false;
  const bool second = traffic.sent >= traffic.out[0].size();
  const std::size_t at = second ? traffic.sent - traffic.out[0].size() : traffic.sent;
  const std::size_t end =
      second ? traffic.ready - traffic.out[0].size() : std::min(traffic.ready, traffic.out[0].size());
  const ssize_t count =
      send(sockets_[node].get(), traffic.out[second ? 1 : 0].data() + at, end - at, MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (count <= 0) lookout_.miss(node);
  traffic.sent += static_cast<std::size_t>(count);
  bytes_sent_ += static_cast<std::uint64_t>(count);
  return true;
}

bool Mesh::receive_some(std::size_t node, Traffic& traffic) {
  if (traffic.received == traffic.to_receive()) return false;
  const bool second = traffic.received >= traffic.in[0].size();
  const std::span<std::byte> rest =
      traffic.in[second ? 1 : 0].subspan(second ? traffic.received - traffic.in[0].size() : traffic.received);
  const ssize_t count = recv(sockets_[node].get(), rest.data(), rest.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (count <= 0) lookout_.miss(node);
  traffic.received += static_cast<std::size_t>(count);
  return true;
}

void Mesh::wait(const std::vector<Traffic>& all) {
  std::vector<pollfd> sockets;
  for (std::size_t node = 0; node < all.size(); ++node) {
    const int events = (all[node].sent < all[node].ready ? POLLOUT : 0) |
                       (all[node].received < all[node].to_receive() ? POLLIN : 0);
    sockets.push_back({events != 0 ? sockets_[node].get() : -1, static_cast<short>(events), 0});
  }
  poll(sockets.data(), sockets.size(), kLookMilliseconds);
}

}  // namespace amltrain::engine
