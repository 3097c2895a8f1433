// Ranks as threads of one process: what they exchange, and how they wait, is the same.
#pragma once

#include <unistd.h>

#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/api.hpp"

namespace amltrain::test {

inline engine::RankPlace place(int rank, int world_size, const std::string& rendezvous) {
  return {.rank = rank, .world_size = world_size, .rendezvous = rendezvous};
}

/// Calls `work` for each rank, at the same time; throws what the first of them threw.
inline void together(int world_size, const std::function<void(const engine::RankPlace&)>& work) {
  static int times = 0;
  const std::string rendezvous = "test-" + std::to_string(getpid()) + "-" + std::to_string(++times);
  std::vector<std::exception_ptr> problems(static_cast<std::size_t>(world_size));
  {
    std::vector<std::jthread> ranks;
    for (int rank = 0; rank < world_size; ++rank)
      ranks.emplace_back([&, rank] {
        try {
          work(place(rank, world_size, rendezvous));
        } catch (...) {
          problems[static_cast<std::size_t>(rank)] = std::current_exception();
        }
      });
  }
  for (const std::exception_ptr& problem : problems)
    if (problem) std::rethrow_exception(problem);
}

}  // namespace amltrain::test
