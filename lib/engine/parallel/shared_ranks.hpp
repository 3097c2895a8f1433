// The ranks of one machine, who exchange what they have in memory that they share. Copying through it costs
// what copying costs; a socket would cost that twice, and the kernel's time.
#pragma once

#include <chrono>
#include <functional>

#include "engine/api.hpp"
#include "engine/parallel/ranks.hpp"
#include "engine/parallel/shared_segment.hpp"

namespace amltrain::engine {

class SharedRanks final : public Ranks {
 public:
  static constexpr int kMost = 256;

  /// As join_ranks().
  SharedRanks(const RankPlace& place, const std::function<bool()>& stop);

  using Ranks::gather;
  using Ranks::sum;
  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void sum(std::span<const std::span<float>> pieces) override;
  void gather(std::span<const std::byte> own, std::span<std::byte> all) override;
  void beat() override;
  void set_long_work(bool is_so) override;
  Spent spent() const override { return spent_; }

 private:
  struct Shared;
  Shared& shared() const;
  std::byte* area_of(int rank) const;
  float* sums() const;
  void join(const RankPlace& place);
  /// Returns when all ranks have called it as often as this one.
  void meet();
  void look_for_missing(std::uint32_t meeting, std::span<class Silence> silences) const;

  const std::function<bool()>& stop_;
  const int rank_, size_;
  SharedSegment segment_;
  std::chrono::steady_clock::time_point last_beat_{};
  double waited_at_beat_ = 0;
  Spent spent_;
};

}  // namespace amltrain::engine
