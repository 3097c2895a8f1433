// Which rank is on which host: they are as many on each, and those of a host follow each other.
#pragma once

#include <string>

#include "engine/api.hpp"

namespace amltrain::engine {

inline int on_host(const RankPlace& place) { return place.on_host > 0 ? place.on_host : place.world_size; }
inline int hosts_of(const RankPlace& place) { return place.world_size / on_host(place); }
inline int node_of(const RankPlace& place) { return place.rank / on_host(place); }

/// " on host n2"; empty where there is one, or its name is not known.
inline std::string words_of_host(const RankPlace& place, int node) {
  const auto at = static_cast<std::size_t>(node);
  return hosts_of(place) > 1 && at < place.hosts.size() ? " on host " + place.hosts[at] : "";
}

}  // namespace amltrain::engine
