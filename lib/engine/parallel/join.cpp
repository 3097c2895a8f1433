#include "engine/parallel/join.hpp"

#include "engine/parallel/hierarchical_ranks.hpp"
#include "engine/parallel/places.hpp"
#include "engine/parallel/shared_ranks.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

namespace {

/// mpirun starts its processes together. But each has looked at its data before, and may have fetched
/// weights, and a host that has them at hand waits for one that has not.
constexpr std::chrono::minutes kToCome{15};

bool is_place(const RankPlace& place) {
  const int here = on_host(place);
  if (place.world_size < 1 || place.rank < 0 || place.rank >= place.world_size || place.rendezvous.empty() ||
      here > SharedRanks::kMost || place.world_size % here != 0)
    return false;
  return hosts_of(place) == 1 || (!place.address.empty() && place.port > 0 && place.port < 65536);
}

}  // namespace

std::unique_ptr<Ranks> join_ranks(const RankPlace& place, const std::function<bool()>& stop) {
  if (place.world_size == 1) return std::make_unique<OneRank>();
  if (!is_place(place))
    throw Error(
        category::bad_input,
        "rank " + std::to_string(place.rank) + " of " + std::to_string(place.world_size) + " is no place",
        "several processes are started by: amltrain submit --procs-per-node N");
  if (hosts_of(place) == 1) return std::make_unique<SharedRanks>(place, stop, kToCome);
  return std::make_unique<HierarchicalRanks>(place, stop, kToCome);
}

}  // namespace amltrain::engine
