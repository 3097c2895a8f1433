#include "engine/parallel/ranks.hpp"

namespace amltrain::engine {

void Ranks::sum(std::span<double> values) {
  std::vector<double> all(values.size() * static_cast<std::size_t>(size()));
  gather(std::as_bytes(values), std::as_writable_bytes(std::span(all)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 0;
    for (std::size_t from = i; from < all.size(); from += values.size()) values[i] += all[from];
  }
}

}  // namespace amltrain::engine
