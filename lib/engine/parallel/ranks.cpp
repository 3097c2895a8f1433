#include "engine/parallel/ranks.hpp"

#include <algorithm>

namespace amltrain::engine {

// In blocks: a confusion matrix of a thousand classes, of each of 64 ranks, would be half a GiB.
void Ranks::sum(std::span<double> values) {
  constexpr std::size_t kBlock = std::size_t{1} << 16;
  std::vector<double> all;
  for (; !values.empty(); values = values.subspan(std::min(kBlock, values.size()))) {
    const std::span<double> block = values.first(std::min(kBlock, values.size()));
    all.resize(block.size() * static_cast<std::size_t>(size()));
    gather(std::as_bytes(block), std::as_writable_bytes(std::span(all)));
    for (std::size_t i = 0; i < block.size(); ++i) {
      block[i] = 0;
      for (std::size_t from = i; from < all.size(); from += block.size()) block[i] += all[from];
    }
  }
}

}  // namespace amltrain::engine
