#include "engine/parallel/join.hpp"

#include "engine/parallel/shared_ranks.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

std::unique_ptr<Ranks> join_ranks(const RankPlace& place, const std::function<bool()>& stop) {
  if (place.world_size == 1) return std::make_unique<OneRank>();
  if (place.world_size < 1 || place.world_size > SharedRanks::kMost || place.rank < 0 ||
      place.rank >= place.world_size || place.rendezvous.empty())
    throw Error(
        category::bad_input,
        "rank " + std::to_string(place.rank) + " of " + std::to_string(place.world_size) + " is no place",
        "several processes are started by: amltrain submit --procs-per-node N");
  return std::make_unique<SharedRanks>(place, stop);
}

}  // namespace amltrain::engine
