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

/// Of the own values: those of the hosts before, the own ones, those of the hosts after, added in this order.
template <typename Value, typename Count>
void add(Value* own, std::span<const Value* const> before, std::span<const Value* const> after, Count count) {
  float sums[Count::most];
  const auto take = [&](const Value* values, bool first) {
    if (first)
      for (std::size_t i = 0; i < count; ++i) sums[i] = as_float(values[i]);
    else
      for (std::size_t i = 0; i < count; ++i) sums[i] += as_float(values[i]);
  };
  for (std::size_t i = 0; i < before.size(); ++i) take(before[i], i == 0);
  take(own, before.empty());
  for (const Value* const values : after) take(values, false);
  for (std::size_t i = 0; i < count; ++i) set(own[i], sums[i]);
}

/// The compiler makes vectors of a loop whose length it knows.
struct WholeBlock {
  static constexpr std::size_t most = 256;
  constexpr operator std::size_t() const { return most; }
};
struct PartOfBlock {
  static constexpr std::size_t most = WholeBlock::most;
  std::size_t count;
  operator std::size_t() const { return count; }
};

}  // namespace

Mesh::Mesh(std::vector<Fd> sockets, std::size_t own, Lookout& lookout)
    : sockets_(std::move(sockets)), own_(own), lookout_(lookout) {}

void Mesh::sum(std::span<const std::span<float>> pieces) { sum_as(pieces); }
void Mesh::sum(std::span<const std::span<std::uint16_t>> pieces) { sum_as(pieces); }

// A value's sum overwrites it: where it is added, and where it was sent from, since its sum comes after that.
template <typename Value>
void Mesh::sum_as(std::span<const std::span<Value>> pieces) {
  const std::size_t hosts = sockets_.size();
  std::size_t count = 0;
  for (const std::span<Value> piece : pieces) count += piece.size();
  const auto begin = [&](std::size_t node) { return count * node / hosts; };
  const auto each_part_of_share = [&](std::size_t node, auto&& use) {
    std::size_t at = 0;
    for (const std::span<Value> piece : pieces) {
      const std::size_t from = std::clamp(begin(node), at, at + piece.size()),
                        to = std::clamp(begin(node + 1), at, at + piece.size());
      if (from < to) use(piece.subspan(from - at, to - from));
      at += piece.size();
    }
  };
  const std::size_t own_count = begin(own_ + 1) - begin(own_), own_bytes = own_count * sizeof(Value);
  inbox_.resize(std::max(inbox_.size(), hosts * own_bytes));
  Stretch<Value> own;  // how far it is summed
  each_part_of_share(own_, [&](std::span<Value> part) { own.add(part); });
  std::vector<const Value*> addends;  // where those begin that are next, of each host
  std::vector<Traffic> all(hosts);
  for (std::size_t node = 0; node < hosts; ++node) {
    std::byte* const inbox = inbox_.data() + node * own_bytes;
    addends.push_back(reinterpret_cast<const Value*>(inbox));
    if (node == own_) continue;
    Traffic& traffic = all[node];
    each_part_of_share(node, [&](std::span<Value> part) { traffic.out.add(std::as_bytes(part)); });
    traffic.ready = traffic.out.size();
    each_part_of_share(own_, [&](std::span<Value> part) { traffic.out.add(std::as_bytes(part)); });
    traffic.in.add({inbox, own_bytes});
    each_part_of_share(node, [&](std::span<Value> part) { traffic.in.add(std::as_writable_bytes(part)); });
  }
  const std::span<const Value*> before = std::span(addends).first(own_),
                                after = std::span(addends).subspan(own_ + 1);
  exchange(all, [&] {
    std::size_t here = own_count;
    for (std::size_t node = 0; node < hosts; ++node)
      if (node != own_) here = std::min(here, all[node].in.done() / sizeof(Value));
    if (here < own_count && here - own.done() < kAtATime) return;
    const std::size_t summed = own.done();
    while (own.done() < here) {
      const std::span<Value> next =
          own.next().first(std::min({own.next().size(), here - own.done(), WholeBlock::most}));
      if (next.size() == WholeBlock::most)
        add<Value>(next.data(), before, after, WholeBlock{});
      else
        add<Value>(next.data(), before, after, PartOfBlock{next.size()});
      for (const Value*& values : addends) values += next.size();
      own.advance(next.size());
    }
    for (Traffic& traffic : all) traffic.ready += (own.done() - summed) * sizeof(Value);
  });
}

void Mesh::gather(std::span<std::byte> all) {
  const std::size_t hosts = sockets_.size(), each = all.size() / hosts;
  std::vector<Traffic> traffic(hosts);
  for (std::size_t node = 0; node < hosts; ++node) {
    if (node == own_) continue;
    traffic[node].out.add(all.subspan(own_ * each, each));
    traffic[node].in.add(all.subspan(node * each, each));
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
    if (!all_began && std::ranges::all_of(
                          all, [](const Traffic& one) { return one.in.done() > 0 || one.in.size() == 0; })) {
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
  bool some = false;
  while (traffic.out.done() < traffic.ready) {
    const std::span<const std::byte> next = traffic.out.next();
    const std::size_t left = traffic.ready - traffic.out.done(), most = std::min(next.size(), left);
    // More is to come: small pieces go together.
    const ssize_t count =
        send(sockets_[node].get(), next.data(), most, MSG_NOSIGNAL | (most < left ? MSG_MORE : 0));
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (count <= 0) lookout_.miss(node);
    traffic.out.advance(static_cast<std::size_t>(count));
    bytes_sent_ += static_cast<std::uint64_t>(count);
    some = true;
    if (static_cast<std::size_t>(count) < most) break;
  }
  return some;
}

bool Mesh::receive_some(std::size_t node, Traffic& traffic) {
  bool some = false;
  while (traffic.in.done() < traffic.in.size()) {
    const std::span<std::byte> next = traffic.in.next();
    const ssize_t count = recv(sockets_[node].get(), next.data(), next.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (count <= 0) lookout_.miss(node);
    traffic.in.advance(static_cast<std::size_t>(count));
    some = true;
    if (static_cast<std::size_t>(count) < next.size()) break;
  }
  return some;
}

void Mesh::wait(const std::vector<Traffic>& all) {
  std::vector<pollfd> sockets;
  for (std::size_t node = 0; node < all.size(); ++node) {
    const int events = (all[node].out.done() < all[node].ready ? POLLOUT : 0) |
                       (all[node].in.done() < all[node].in.size() ? POLLIN : 0);
    sockets.push_back({events != 0 ? sockets_[node].get() : -1, static_cast<short>(events), 0});
  }
  poll(sockets.data(), sockets.size(), kLookMilliseconds);
}

}  // namespace amltrain::engine
