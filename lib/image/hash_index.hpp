// The hashes near a given one, without looking at all of them.
// Multi-index hashing (Norouzi, Punjani, Fleet, "Fast Search in Hamming Space with Multi-Index Hashing",
// 2012): the 64 bits are cut into bands, so many that two hashes within the distance differ in at most one
// bit of at least one band; each band has a sorted list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace amltrain {

class HashIndex {
 public:
  struct Match {
    std::size_t index;  // of the hash given to the constructor
    int distance;       // bits that differ
    bool operator==(const Match&) const = default;
  };

  /// For distances up to `distance`, 0 to 63.
  HashIndex(std::vector<std::uint64_t> hashes, int distance);

  /// Puts each hash within the distance of `query` into `found` once, in no order; what it held is dropped.
  void find(std::uint64_t query, std::vector<Match>& found) const;

 private:
  struct Band {
    int first_bit, bits;
    std::vector<std::pair<std::uint64_t, std::size_t>> sorted;  // the band's bits of a hash, and its index
    std::uint64_t of(std::uint64_t hash) const;
  };
  /// Whether this band of the two is near enough to bring them together.
  bool joins(const Band& band, std::uint64_t a, std::uint64_t b) const;
  void collect(std::size_t band, std::uint64_t value, std::uint64_t query, std::vector<Match>& found) const;

  std::vector<std::uint64_t> hashes_;
  int distance_;
  int radius_;  // bits that may differ within a band: 0 or 1
  std::vector<Band> bands_;
};

}  // namespace amltrain
