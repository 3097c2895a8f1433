// Ranks as threads of one process: what they exchange, and how they wait, is the same.
#pragma once

#include <unistd.h>

#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/api.hpp"
#include "engine/parallel/socket.hpp"

namespace amltrain::test {

inline engine::RankPlace place(int rank, int world_size, const std::string& rendezvous) {
  engine::RankPlace one;
  one.rank = rank;
  one.world_size = world_size;
  one.rendezvous = rendezvous;
  return one;
}

/// Of several hosts, "a", "b" and so on, which are all this one.
inline engine::RankPlace place_on_hosts(int rank, int world_size, int on_host, const std::string& rendezvous,
                                        int port) {
  engine::RankPlace one = place(rank, world_size, rendezvous);
  one.on_host = on_host;
  for (char name = 'a'; name < 'a' + world_size / on_host; ++name) one.hosts.emplace_back(1, name);
  one.address = "127.0.0.1";
  one.port = port;
  return one;
}

/// At which nothing listens.
inline int some_port() { return engine::own_end_of(engine::listen_at({"127.0.0.1", 0}).get()).port; }

/// Calls `work` for each rank, at the same time; throws what the first of them threw. With `on_host`, so many
/// ranks each take this machine for one of their own.
inline void together(int world_size, const std::function<void(const engine::RankPlace&)>& work,
                     int on_host = 0) {
  static int times = 0;
  const std::string rendezvous = "test-" + std::to_string(getpid()) + "-" + std::to_string(++times);
  const int port = some_port();
  std::vector<std::exception_ptr> problems(static_cast<std::size_t>(world_size));
  {
    std::vector<std::jthread> ranks;
    for (int rank = 0; rank < world_size; ++rank)
      ranks.emplace_back([&, rank] {
        try {
          work(on_host == 0 ? place(rank, world_size, rendezvous)
                            : place_on_hosts(rank, world_size, on_host, rendezvous, port));
        } catch (...) {
          problems[static_cast<std::size_t>(rank)] = std::current_exception();
        }
      });
  }
  for (const std::exception_ptr& problem : problems)
    if (problem) std::rethrow_exception(problem);
}

}  // namespace amltrain::test
