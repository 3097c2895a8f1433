// How long ranks take to sum their gradients: for scripts/bench/exchange, which starts one process a rank.
//   exchange_time RANK RANKS ON_HOST ADDRESS PORT SECRET VALUES TIMES fp32|bf16
// Rank 0 prints the seconds of each time.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "engine/parallel/join.hpp"

using namespace amltrain::engine;

namespace {

int run(const std::vector<std::string>& words) {
  RankPlace place;
  place.rank = std::stoi(words.at(0));
  place.world_size = std::stoi(words.at(1));
  place.on_host = std::stoi(words.at(2));
  place.address = words.at(3);
  place.port = std::stoi(words.at(4));
  place.rendezvous = words.at(5);
  std::vector<float> values(std::stoul(words.at(6)), static_cast<float>(place.rank + 1));
  const std::span<float> piece(values);
  const std::function<bool()> never = [] { return false; };
  const auto ranks = join_ranks(place, never);
  for (int time = 0; time < std::stoi(words.at(7)); ++time) {
    ranks->gather(0);  // they begin together
    const auto begun = std::chrono::steady_clock::now();
    if (words.at(8) == "bf16")
      ranks->sum_rounded(std::span(&piece, 1));
    else
      ranks->sum(std::span(&piece, 1));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    if (ranks->is_first()) std::printf("%.6f\n", took.count());
  }
  return 0;
}

}  // namespace

int main(int count, char** words) try {
  return run({words + 1, words + count});
} catch (const std::exception& problem) {
  std::fprintf(stderr, "exchange_time: %s\n", problem.what());
  return 1;
}
