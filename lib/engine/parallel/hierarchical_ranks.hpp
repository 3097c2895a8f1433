// The ranks of several hosts: those of a host exchange what they have in the memory that they share, and the
// first of each, its leader, by TCP with the leaders of the others.
#pragma once

#include <memory>
#include <vector>

#include "engine/parallel/mesh.hpp"
#include "engine/parallel/shared_ranks.hpp"
#include "engine/parallel/signs.hpp"

namespace amltrain::engine {

/// Sums are those of the ranks of a host, in their order, added in the order of the hosts: with one rank a
/// host the bytes are those of SharedRanks.
class HierarchicalRanks final : public Ranks, private Lookout {
 public:
  /// As join_ranks(). A rank of this host, or another's leader, is missed when it did not come within
  /// `longest`.
  HierarchicalRanks(const RankPlace& place, const std::function<bool()>& stop, std::chrono::seconds longest);

  using Ranks::gather;
  using Ranks::sum;
  int rank() const override { return place_.rank; }
  int size() const override { return place_.world_size; }
  void sum(std::span<const std::span<float>> pieces) override;
  void sum_rounded(std::span<const std::span<float>> pieces) override;
  void gather(std::span<const std::byte> own, std::span<std::byte> all) override;
  void beat() override { local_.beat(); }
  void at_work() override { local_.at_work(); }
  void set_long_work(bool is_so) override { local_.set_long_work(is_so); }
  void part() override { local_.part(); }
  void excuse(double seconds) override { local_.excuse(seconds); }
  Spent spent() const override;

 private:
  void meet();
  template <typename Exchange>
  void sum_by(std::span<const std::span<float>> pieces, Exchange&& exchange);
  template <typename Exchange>
  void lead(Exchange&& exchange);
  void look(const std::vector<bool>& missing, Silences& silences) override;
  [[noreturn]] void miss(std::size_t node) override;
  std::string name_of(int rank) const;
  void throw_if_stopped() const;

  const RankPlace place_;
  const std::function<bool()>& stop_;
  const std::chrono::seconds longest_;
  SharedRanks local_;
  // Of the leader alone:
  std::unique_ptr<Mesh> mesh_;
  std::unique_ptr<Signs> signs_;
  std::vector<std::uint16_t> rounded_;  // kept, since new memory costs as much as to copy it
  double exchanging_ = 0;
};

}  // namespace amltrain::engine
