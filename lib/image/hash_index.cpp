#include "image/hash_index.hpp"

#include <algorithm>
#include <bit>

#include "support/error.hpp"

namespace amltrain {

HashIndex::HashIndex(std::vector<std::uint64_t> hashes, int distance)
    : hashes_(std::move(hashes)), distance_(distance), radius_(distance == 0 ? 0 : 1) {
  if (distance < 0 || distance > 63) throw Error(category::internal, "a hash distance is 0 to 63");
  const int count =
      distance / 2 + 1;  // with 2 bits or more in each, the distance would be 2 * count > distance
  for (int i = 0; i < count; ++i) {
    Band band{i * 64 / count, 0, {}};
    band.bits = (i + 1) * 64 / count - band.first_bit;
    for (std::size_t index = 0; index < hashes_.size(); ++index)
      band.sorted.emplace_back(band.of(hashes_[index]), index);
    std::sort(band.sorted.begin(), band.sorted.end());
    bands_.push_back(std::move(band));
  }
}

std::uint64_t HashIndex::Band::of(std::uint64_t hash) const {
  return bits == 64 ? hash : hash >> first_bit & ((std::uint64_t{1} << bits) - 1);
}

bool HashIndex::joins(const Band& band, std::uint64_t a, std::uint64_t b) const {
  return std::popcount(band.of(a ^ b)) <= radius_;
}

void HashIndex::collect(std::size_t band, std::uint64_t value, std::uint64_t query,
                        std::vector<Match>& found) const {
  const auto& sorted = bands_[band].sorted;
  for (auto entry = std::lower_bound(sorted.begin(), sorted.end(), std::pair(value, std::size_t{0}));
       entry != sorted.end() && entry->first == value; ++entry) {
    const std::uint64_t hash = hashes_[entry->second];
    const int apart = std::popcount(hash ^ query);
    if (apart > distance_) continue;
    const bool known = std::any_of(bands_.begin(), bands_.begin() + static_cast<std::ptrdiff_t>(band),
                                   [&](const Band& before) { return joins(before, hash, query); });
    if (!known) found.push_back({entry->second, apart});
  }
}

void HashIndex::find(std::uint64_t query, std::vector<Match>& found) const {
  found.clear();
  for (std::size_t band = 0; band < bands_.size(); ++band) {
    const std::uint64_t value = bands_[band].of(query);
    collect(band, value, query, found);
    for (int bit = 0; radius_ == 1 && bit < bands_[band].bits; ++bit)
      collect(band, value ^ std::uint64_t{1} << bit, query, found);
  }
}

}  // namespace amltrain
