// Signs of life from host to host: a thread of each host's leader tells the others several times a second
// what the ranks of its host do, and hears the same of theirs. On connections of their own, so that they come
// through whatever is exchanged, and while the ranks compute.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "engine/parallel/silence.hpp"
#include "support/files.hpp"

namespace amltrain::engine {

class Signs {
 public:
  /// `sockets`: of each host, an empty one of the own. `own`: the signs of this host's ranks, which are as
  /// many on each; called from another thread.
  Signs(std::vector<Fd> sockets, std::function<std::vector<Sign>()> own);
  Signs(const Signs&) = delete;
  Signs& operator=(const Signs&) = delete;

  struct OfHost {
    std::uint64_t heard = 0;  // how often
    std::vector<Sign> ranks;  // as they were last
    int problem = 0;          // errno of its connection, ETIMEDOUT when nothing comes back from there
  };
  OfHost of(std::size_t node) const;

 private:
  struct Other {
    Fd socket;
    std::vector<std::byte> out{}, in{};  // what did not go yet, and what came of a message
    OfHost seen{};
  };
  void exchange(const std::stop_token& stop);
  void tell(Other& other);
  void hear(Other& other);
  void lose(Other& other, int problem);

  const std::function<std::vector<Sign>()> own_;
  mutable std::mutex mutex_;  // of `seen`
  std::vector<Other> others_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace amltrain::engine
