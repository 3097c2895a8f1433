#include "engine/parallel/door.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/parallel/proof.hpp"
#include "support/hash.hpp"

namespace amltrain::engine {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// The caller says kGreeting and a nonce; the door another nonce and a proof; the caller who it is and a
// proof.
constexpr std::string_view kGreeting = "amltrain ranks 1";
constexpr std::size_t kNonce = 32, kProof = 64;
constexpr std::size_t kFirst = kGreeting.size() + kNonce, kSecond = kNonce + kProof,
                      kThird = sizeof(Caller) + kProof;
/// More strangers than that, or slower ones, are not listened to.
constexpr std::size_t kMostVisitors = 256;
constexpr std::chrono::seconds kVisit{5};

std::string nonce() { return random_hex(kNonce / 2); }

std::string bytes_of(const Caller& caller) { return {reinterpret_cast<const char*>(&caller), sizeof caller}; }

std::string proof_of_door(const std::string& secret, int node, const std::string& nonces) {
  return keyed_hash(secret, "host " + std::to_string(node) + " opens " + nonces);
}
std::string proof_of_caller(const std::string& secret, const std::string& caller, const std::string& nonces) {
  return keyed_hash(secret, "calls " + nonces + caller);
}

}  // namespace

Door::Door(std::string secret, int own_node, const Endpoint& where)
    : secret_(std::move(secret)), own_node_(own_node), listener_(listen_at(where)) {}

void Door::open_to_all() {
  while (Fd socket = accept_from(listener_.get())) {
    if (visitors_.size() >= kMostVisitors) visitors_.erase(visitors_.begin());
    visitors_.push_back({std::move(socket), Clock::now()});
  }
}

void Door::answer(Visitor& visitor) const {
  const std::string own = nonce();
  visitor.nonces = visitor.said.substr(kGreeting.size()) + own;
  visitor.said.clear();
  const std::string words = own + proof_of_door(secret_, own_node_, visitor.nonces);
  // As much as that has room in any socket.
  if (send(visitor.socket.get(), words.data(), words.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(words.size()))
    visitor.gone = true;
}

std::optional<Door::Arrival> Door::listen_to(Visitor& visitor) const {
  // No more than is to be said at this point: what follows is for who takes the connection over.
  const std::size_t wanted = visitor.nonces.empty() ? kFirst : kThird;
  std::array<char, std::max(kFirst, kThird)> bytes;
  const ssize_t count = recv(visitor.socket.get(), bytes.data(), wanted - visitor.said.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  visitor.gone = count <= 0;
  if (visitor.gone) return std::nullopt;
  visitor.said.append(bytes.data(), static_cast<std::size_t>(count));
  if (visitor.nonces.empty()) {
    const std::size_t begun = std::min(visitor.said.size(), kGreeting.size());
    visitor.gone = visitor.said.compare(0, begun, kGreeting, 0, begun) != 0;
    if (!visitor.gone && visitor.said.size() == kFirst) answer(visitor);
    return std::nullopt;
  }
  if (visitor.said.size() < kThird) return std::nullopt;
  visitor.gone = true;
  const std::string caller = visitor.said.substr(0, sizeof(Caller));
  if (!is_same_text(visitor.said.substr(sizeof(Caller)), proof_of_caller(secret_, caller, visitor.nonces)))
    return std::nullopt;
  Arrival arrival{{}, std::move(visitor.socket)};
  std::memcpy(&arrival.caller, caller.data(), sizeof(Caller));
  return arrival;
}

std::optional<Door::Arrival> Door::next(milliseconds longest) {
  const Clock::time_point end = Clock::now() + longest;
  while (true) {
    open_to_all();
    const Clock::time_point now = Clock::now();
    std::erase_if(visitors_, [&](const Visitor& one) { return one.gone || now - one.since > kVisit; });
    std::vector<pollfd> all{{listener_.get(), POLLIN, 0}};
    for (const Visitor& visitor : visitors_) all.push_back({visitor.socket.get(), POLLIN, 0});
    const auto left = std::chrono::ceil<milliseconds>(end - now).count();
    if (left <= 0) return std::nullopt;
    if (poll(all.data(), all.size(), static_cast<int>(left)) <= 0) continue;
    for (std::size_t i = 0; i < visitors_.size(); ++i)
      if (all[i + 1].revents != 0)
        if (auto arrival = listen_to(visitors_[i])) return arrival;
  }
}

Fd call_at(const Endpoint& where, const std::string& secret, int node, const Caller& caller,
           std::string& why) {
  constexpr std::chrono::seconds kToConnect{2};
  const auto bytes = [](std::string& text) { return std::as_writable_bytes(std::span(text)); };
  Fd socket = connect_to(where, kToConnect);
  if (!socket) {
    why = errno == ECONNREFUSED ? kNobodyYet : std::strerror(errno);
    return {};
  }
  const Clock::time_point deadline = Clock::now() + kVisit;
  const std::string own = nonce();
  std::string first = std::string(kGreeting) + own, second(kSecond, '\0');
  if (!send_all(socket.get(), bytes(first), deadline) ||
      !receive_all(socket.get(), bytes(second), deadline)) {
    why = "what listens there does not answer as a rank";
    return {};
  }
  const std::string nonces = own + second.substr(0, kNonce);
  if (!is_same_text(second.substr(kNonce), proof_of_door(secret, node, nonces))) {
    why = "what listens there is not of this run";
    return {};
  }
  std::string third = bytes_of(caller) + proof_of_caller(secret, bytes_of(caller), nonces);
  if (!send_all(socket.get(), bytes(third), deadline)) {
    why = std::strerror(errno);
    return {};
  }
  return socket;
}

}  // namespace amltrain::engine
