#include "image/hash_index.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>

#include "image/pictures.hpp"

using namespace amltrain;

namespace {

std::uint64_t draw_hash(test::Random& random) {
  std::uint64_t hash = 0;
  for (int i = 0; i < 8; ++i) hash = hash << 8 | static_cast<std::uint64_t>(random.below(256));
  return hash;
}

/// Random hashes, many of them copies of others with some bits turned.
std::vector<std::uint64_t> draw_hashes(std::size_t count, std::uint32_t seed) {
  test::Random random(seed);
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < count; ++i) {
    if (i < 10 || random.below(3) == 0) {
      hashes.push_back(draw_hash(random));
      continue;
    }
    std::uint64_t hash = hashes[static_cast<std::size_t>(random.below(static_cast<int>(i)))];
    for (int turns = random.below(20); turns > 0; --turns) hash ^= std::uint64_t{1} << random.below(64);
    hashes.push_back(hash);
  }
  return hashes;
}

std::vector<HashIndex::Match> by_brute_force(const std::vector<std::uint64_t>& hashes, std::uint64_t query,
                                             int distance) {
  std::vector<HashIndex::Match> found;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const int apart = std::popcount(hashes[i] ^ query);
    if (apart <= distance) found.push_back({i, apart});
  }
  return found;
}

}  // namespace

TEST_CASE("the index finds what comparing with every hash finds, each once", "[image]") {
  const int distance = GENERATE(0, 1, 2, 3, 6, 7, 8, 12, 16, 31, 63);
  const auto hashes = draw_hashes(700, static_cast<std::uint32_t>(distance + 1));
  const HashIndex index(hashes, distance);
  std::vector<HashIndex::Match> found;
  std::size_t total = 0;
  for (const std::uint64_t query : hashes) {
    index.find(query, found);
    std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.index < b.index; });
    REQUIRE(found == by_brute_force(hashes, query, distance));
    total += found.size();
  }
  CHECK(total > hashes.size());  // more than each one itself
}

TEST_CASE("an index of nothing finds nothing", "[image]") {
  std::vector<HashIndex::Match> found{{1, 1}};
  HashIndex({}, 8).find(5, found);
  CHECK(found.empty());
}
