#include "engine/parallel/rendezvous.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "engine/parallel/door.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain::engine {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kData = 0, kSigns = 1;
constexpr milliseconds kLook{100};

/// Where a host is, as host 0 tells it to the others.
struct Place {
  char address[60] = "";
  std::int32_t port = 0;
};

class Gathering {
 public:
  Gathering(const Meeting& meeting, std::chrono::seconds longest, const std::function<void()>& between)
      : meeting_(meeting), longest_(longest), between_(between), links_(meeting.names.size()) {}

  std::vector<Link> receive() {
    Door door(meeting_.secret, 0, meeting_.first);
    admit(door, 1, {kData});
    std::vector<Place> places(links_.size());
    for (int node = 1; node < count(); ++node) {
      const int socket = link(node, kData).get();
      Place& place = places[static_cast<std::size_t>(node)];
      other_end_of(socket).address.copy(place.address, sizeof place.address - 1);
      hear(node, std::as_writable_bytes(std::span(&place.port, 1)));
    }
    for (int node = 1; node < count(); ++node) say(node, std::as_bytes(std::span(places)));
    admit(door, 1, {kSigns});
    return std::move(links_);
  }

  std::vector<Link> visit() {
    call(0, meeting_.first, kData);
    Door door(meeting_.secret, meeting_.own, {own_end_of(link(0, kData).get()).address, 0});
    const std::int32_t port = door.where().port;
    say(0, std::as_bytes(std::span(&port, 1)));
    std::vector<Place> places(links_.size());
    hear(0, std::as_writable_bytes(std::span(places)));
    call(0, meeting_.first, kSigns);
    for (int node = 1; node < meeting_.own; ++node)
      for (const int purpose : {kData, kSigns}) {
        const Place& place = places[static_cast<std::size_t>(node)];
        call(node, {place.address, place.port}, purpose);
      }
    admit(door, meeting_.own + 1, {kData, kSigns});
    return std::move(links_);
  }

 private:
  int count() const { return static_cast<int>(links_.size()); }
  Fd& link(int node, int purpose) {
    Link& one = links_[static_cast<std::size_t>(node)];
    return purpose == kData ? one.data : one.signs;
  }
  const std::string& name(int node) const { return meeting_.names[static_cast<std::size_t>(node)]; }

  /// Opens until each host from `first` on has come for all of these purposes.
  void admit(Door& door, int first, std::initializer_list<int> purposes) {
    while (true) {
      std::vector<std::string> absent;
      for (int node = first; node < count(); ++node)
        if (std::ranges::any_of(purposes, [&](int purpose) { return !link(node, purpose); }))
          absent.push_back(name(node));
      if (absent.empty()) return;
      if (Clock::now() > deadline_) throw_absent(join(absent, ", "), longest_, "");
      between_();
      auto arrival = door.next(kLook);
      if (!arrival) continue;
      const auto [node, purpose] = arrival->caller;
      if (node < first || node >= count() || purpose < kData || purpose > kSigns || link(node, purpose))
        continue;
      link(node, purpose) = std::move(arrival->socket);
    }
  }

  /// Calls at a host until it opens: it may not be there yet.
  void call(int node, const Endpoint& where, int purpose) {
    Clock::time_point reached = Clock::now();
    for (std::string why; !link(node, purpose);) {
      between_();
      link(node, purpose) = call_at(where, meeting_.secret, node, {meeting_.own, purpose}, why);
      if (link(node, purpose)) return;
      const Clock::time_point now = Clock::now();
      if (why == kNobodyYet) reached = now;
      const std::string words = " at " + to_words(where) + ": " + why;
      if (now > deadline_) throw_absent(name(node), longest_, words);
      if (now > reached + meeting_.to_reach) throw_absent(name(node), meeting_.to_reach, words);
      std::this_thread::sleep_for(kLook);
    }
  }

  void say(int node, std::span<const std::byte> bytes) {
    if (!send_all(link(node, kData).get(), bytes, deadline_ + kLonger)) throw_left(node);
  }
  void hear(int node, std::span<std::byte> bytes) {
    const Clock::time_point end = deadline_ + kLonger;  // host 0 is to say who is missing
    while (!has_something(link(node, kData).get(), kLook)) {
      if (Clock::now() > end) throw_left(node);
      between_();
    }
    if (!receive_all(link(node, kData).get(), bytes, end)) throw_left(node);
  }

  [[noreturn]] static void throw_absent(const std::string& who, std::chrono::seconds waited,
                                        const std::string& why) {
    throw Error(category::environment, who + " did not come within " + human_duration(waited) + why,
                "look at its log");
  }
  /// Why it left, it says itself, and that is to be known first.
  [[noreturn]] void throw_left(int node) const {
    for (const auto end = Clock::now() + kLonger; Clock::now() < end; std::this_thread::sleep_for(kLook))
      between_();
    throw Error(category::environment, name(node) + " left before all ranks had met", "look at its log");
  }

  static constexpr std::chrono::seconds kLonger{3};

  const Meeting& meeting_;
  const std::chrono::seconds longest_;
  const std::function<void()>& between_;
  const Clock::time_point deadline_ = Clock::now() + longest_;
  std::vector<Link> links_;
};

}  // namespace

std::vector<Link> meet_hosts(const Meeting& meeting, std::chrono::seconds longest,
                             const std::function<void()>& between) {
  Gathering gathering(meeting, longest, between);
  return meeting.own == 0 ? gathering.receive() : gathering.visit();
}

}  // namespace amltrain::engine
