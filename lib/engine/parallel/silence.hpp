// How long another process has given no sign, by the clock of one that waits for it.
#pragma once

#include <chrono>
#include <cstdint>

namespace amltrain::engine {

class Silence {
 public:
  using Clock = std::chrono::steady_clock;

  /// Looks: `beats` is the other's counter now. Returns how long it has stood still. Where this process
  /// itself could not look, because the machine was suspended or overloaded, the other could not move either:
  /// of a gap between two looks at most a fifth of a second counts.
  std::chrono::milliseconds look(std::uint64_t beats, Clock::time_point now);

 private:
  std::uint64_t beats_ = 0;
  bool looked_ = false;
  Clock::time_point last_{};
  std::chrono::milliseconds still_{0};
};

/// How long a rank may be silent that said it does what takes its time: write to a disk, say.
inline constexpr std::chrono::milliseconds kLongPatience = std::chrono::minutes(2);
/// Signs of a rank whose pauses say nothing of later ones: first steps load libraries, choose kernels, take
/// memory.
inline constexpr std::uint64_t kFirstBeats = 3;

/// What others see of a rank.
struct Sign {
  std::uint64_t beats = 0;       // it did something
  std::uint64_t looks = 0;       // it is there, which says nothing of its pace: it waits for others, say
  std::uint32_t longest_ms = 0;  // between two beats without long work, but for the first
  std::uint32_t long_work = 0;   // it said so

  std::uint64_t all() const { return beats + looks; }
};

/// How long a rank may be silent whose longest pause so far, after the first, was `longest`, and who gave
/// `beats` signs of itself: four times that, and `least` at least (RankPlace::timeout).
std::chrono::milliseconds patience(std::uint64_t beats, std::chrono::milliseconds longest,
                                   std::chrono::milliseconds least);
std::chrono::milliseconds patience(const Sign& sign, std::chrono::milliseconds least);

}  // namespace amltrain::engine
