// The processes that train together, and what they tell each other. sum() and gather() are collective: each
// rank makes the same ones in the same order, and none returns before all have come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace amltrain::engine {

class Ranks {
 public:
  Ranks() = default;
  virtual ~Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// Rank 0 alone writes.
  bool is_first() const { return rank() == 0; }

  /// Replaces the values, which lie in several pieces and are as many on each rank, by their sums over the
  /// ranks. They are added in the order of the ranks, so that all ranks, and two trainings, have the same
  /// bytes.
  virtual void sum(std::span<const std::span<float>> pieces) = 0;
  /// As sum(), but what goes from host to host is rounded to bf16; the sums are the same bytes on all ranks.
  virtual void sum_rounded(std::span<const std::span<float>> pieces) { sum(pieces); }
  /// The bytes of each rank, one after the other, into `all`: size() times as many as `own`.
  virtual void gather(std::span<const std::byte> own, std::span<std::byte> all) = 0;
  /// This rank is at work: to be called between any two things that take a while. Who is silent for longer
  /// than the ranks' own pace explains is taken to be stuck by those who wait for it.
  virtual void beat() = 0;
  /// The same before the first step: how long that takes says nothing of its later pace.
  virtual void at_work() {}
  /// Lives as long as what this rank does may take its time without a sign.
  class LongWork {
   public:
    explicit LongWork(Ranks& ranks) : ranks_(ranks) { ranks_.set_long_work(true); }
    ~LongWork() { ranks_.set_long_work(false); }
    LongWork(const LongWork&) = delete;
    LongWork& operator=(const LongWork&) = delete;

   private:
    Ranks& ranks_;
  };
  virtual void set_long_work(bool) {}
  /// After the last exchange nobody waits for this rank any more: it may take as long as it likes.
  virtual void part() {}
  /// The thread that beats waited so long for another of its process, whose calls these are: not a pause of
  /// its own.
  virtual void excuse(double seconds) { static_cast<void>(seconds); }

  /// Seconds so far: in sum() and gather() altogether, and in them waiting for other ranks; and what was sent
  /// to other hosts.
  struct Spent {
    double exchanging = 0, waiting = 0;
    std::uint64_t bytes_sent = 0;
  };
  virtual Spent spent() const { return {}; }

  /// One value of each rank.
  template <typename Value>
  std::vector<Value> gather(const Value& own) {
    static_assert(std::is_trivially_copyable_v<Value>);
    std::vector<Value> all(static_cast<std::size_t>(size()));
    gather(std::as_bytes(std::span(&own, 1)), std::as_writable_bytes(std::span(all)));
    return all;
  }
  /// As sum(), of numbers that float could not hold.
  void sum(std::span<double> values);
};

/// A training of one process.
class OneRank final : public Ranks {
 public:
  using Ranks::gather;
  using Ranks::sum;
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void sum(std::span<const std::span<float>>) override {}
  void gather(std::span<const std::byte> own, std::span<std::byte> all) override {
    std::memcpy(all.data(), own.data(), own.size());
  }
  void beat() override {}
};

}  // namespace amltrain::engine
