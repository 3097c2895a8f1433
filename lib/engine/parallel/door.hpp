// How the hosts of a run let each other in: who comes and who opens each prove that they know the run's
// secret, by the keyed hash of what the other has just drawn. What is said afterwards is as open to those
// between them as the network is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/parallel/socket.hpp"

namespace amltrain::engine {

/// What somebody who comes says of itself.
struct Caller {
  std::int32_t node = 0;     // the number of its host
  std::int32_t purpose = 0;  // of the connection
};

/// Where the process of a host is called upon. Several may be at the door: one that says nothing, or the
/// wrong thing, keeps nobody waiting.
class Door {
 public:
  Door(std::string secret, int own_node, const Endpoint& where);

  Endpoint where() const { return own_end_of(listener_.get()); }
  struct Arrival {
    Caller caller;
    Fd socket;
  };
  /// The next who has proved to be of the run; absent when nobody has after `longest`.
  std::optional<Arrival> next(std::chrono::milliseconds longest);

 private:
  struct Visitor {
    Fd socket;
    std::chrono::steady_clock::time_point since;
    std::string said{}, nonces{};  // what is not understood yet; of both, once it was answered
    bool gone = false;
  };
  void open_to_all();
  std::optional<Arrival> listen_to(Visitor& visitor) const;
  void answer(Visitor& visitor) const;

  std::string secret_;
  int own_node_;
  Fd listener_;
  std::vector<Visitor> visitors_;
};

/// The `why` of call_at() where a machine answers and nothing listens on it.
inline constexpr std::string_view kNobodyYet = "nobody listens there";
/// Calls once at the door of host `node`. Empty, with `why`, when that can't be reached in some seconds, or
/// does not prove that it is that host of the run.
Fd call_at(const Endpoint& where, const std::string& secret, int node, const Caller& caller,
           std::string& why);

}  // namespace amltrain::engine
