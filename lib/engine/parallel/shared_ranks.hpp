// The ranks of one machine, who exchange what they have in memory that they share. Copying through it costs
// what copying costs; a socket would cost that twice, and the kernel's time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/api.hpp"
#include "engine/parallel/ranks.hpp"
#include "engine/parallel/shared_segment.hpp"
#include "engine/parallel/silence.hpp"
#include "support/life_sign.hpp"

namespace amltrain::engine {

/// The name of what the ranks of a machine share. Not the secret, since names can be listed.
std::string segment_name(const RankPlace& place);

class SharedRanks final : public Ranks {
 public:
  static constexpr int kMost = 256;

  /// As join_ranks(), of the ranks on this machine alone, where there are several. Their numbers here are
  /// those on the machine; in words it is those of the run. One is missed that did not come within `longest`.
  SharedRanks(const RankPlace& place, const std::function<bool()>& stop, std::chrono::seconds longest);
  ~SharedRanks() override;

  using Ranks::gather;
  using Ranks::sum;
  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void sum(std::span<const std::span<float>> pieces) override;
  void gather(std::span<const std::byte> own, std::span<std::byte> all) override;
  void beat() override;
  void at_work() override { look(); }
  void set_long_work(bool is_so) override;
  void part() override;
  void excuse(double seconds) override { excused_ += seconds; }
  Spent spent() const override { return spent_; }

  /// The bytes of the first rank, for all.
  void spread(std::span<std::byte> bytes);
  void spread(std::span<const std::span<float>> pieces);
  /// It is alive, as those see who wait for it: for a rank that itself waits for something, say.
  void look();
  /// It waited so long, which is not to count as a pause of its own.
  void add_waiting(double seconds);
  /// To be called from any thread.
  std::vector<Sign> signs() const;

 private:
  struct Shared;
  Shared& shared() const;
  Sign sign_of(int rank) const;
  std::byte* area_of(int rank) const;
  float* sums() const;
  void join(const RankPlace& place);
  void show_life() const;
  void begin_pause();
  void end_pause();
  /// Returns when all ranks have called it as often as this one.
  void meet();
  void wait_for_all();
  void look_for_missing(std::uint32_t meeting, std::span<Silence> silences) const;
  [[noreturn]] void throw_absent(int rank) const;
  std::string name_of(int rank) const;

  const std::function<bool()>& stop_;
  const int rank_, size_;
  const int first_;         // rank of the run
  const std::string host_;  // in words, where there are several
  const std::chrono::milliseconds timeout_, longest_;
  SharedSegment segment_;
  const std::optional<LifeSign> life_;  // for who started this process: others see the shared memory
  std::chrono::steady_clock::time_point pause_began_{};  // with a beat, or the end of long work
  const std::thread::id beating_ = std::this_thread::get_id();
  double excused_ = 0;  // seconds since then that are no pause of this rank's; the beating thread's alone
  Spent spent_;
};

}  // namespace amltrain::engine
