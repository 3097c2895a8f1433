// What the leaders of a run's hosts exchange, each directly with each, over all links at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/parallel/rendezvous.hpp"
#include "engine/parallel/silence.hpp"
#include "engine/parallel/stretch.hpp"

namespace amltrain::engine {

/// Who looks after the others while this host waits for them.
class Lookout {
 public:
  virtual ~Lookout() = default;
  /// Called several times a second, `missing` saying of which hosts something is still to come. `silences`:
  /// begun anew for each exchange.
  struct Silences {
    std::vector<Silence> hosts, ranks;
  };
  virtual void look(const std::vector<bool>& missing, Silences& silences) = 0;
  /// Throws: that host has closed its connection.
  [[noreturn]] virtual void miss(std::size_t node) = 0;
};

class Mesh {
 public:
  /// `sockets`: of each host, an empty one of the own, `own`.
  Mesh(std::vector<Fd> sockets, std::size_t own, Lookout& lookout);

  /// Replaces the values, in pieces as large on each host, by their sums over the hosts: each host adds its
  /// share of them in the order of the hosts, while they come, and sends the sums on.
  void sum(std::span<const std::span<float>> pieces);
  /// The same of values in bf16. The sums are made in float, and rounded.
  void sum(std::span<const std::span<std::uint16_t>> pieces);
  /// `all` holds as many bytes of each host, in the order of the hosts; this host's are there, and those of
  /// the others come.
  void gather(std::span<std::byte> all);

  std::uint64_t bytes_sent() const { return bytes_sent_; }
  double waiting() const { return waiting_; }

 private:
  /// To and from one other host. Of what is to go, `ready` bytes can by now.
  struct Traffic {
    Stretch<const std::byte> out;
    Stretch<std::byte> in;
    std::size_t ready = 0;
    bool done() const { return out.done() == out.size() && in.done() == in.size(); }
  };
  template <typename Value>
  void sum_as(std::span<const std::span<Value>> pieces);
  /// `arrived` is called when something came, and may let more go.
  void exchange(std::vector<Traffic>& all, const std::function<void()>& arrived);
  bool send_some(std::size_t node, Traffic& traffic);
  bool receive_some(std::size_t node, Traffic& traffic);
  void wait(const std::vector<Traffic>& all);

  std::vector<Fd> sockets_;
  const std::size_t own_;
  Lookout& lookout_;
  std::vector<std::byte> inbox_;
  std::uint64_t bytes_sent_ = 0;
  double waiting_ = 0;
};

}  // namespace amltrain::engine
