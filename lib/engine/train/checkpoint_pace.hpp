// When a checkpoint within an epoch is due. It changes no result.
#pragma once

#include <chrono>
#include <cstdint>

namespace amltrain::engine {

class CheckpointPace {
 public:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;

  /// `every` steps; 0: never; kAutomaticCheckpoints: see interval().
  CheckpointPace(int every, Clock::time_point start) : every_(every), last_(start) {}

  bool due(std::int64_t steps, Clock::time_point now) const;
  /// One was begun at `now`; the last whose cost is known took so much of the processor.
  void begun(Clock::time_point now, Seconds cost);

  /// Seconds from one automatic checkpoint to the next: a hundred times its cost, so that they take at most
  /// 1 % of the time even where the step needs all the processor; not below half a minute, which is little to
  /// lose, and spares the disk.
  static Seconds interval(Seconds cost);

 private:
  int every_;
  Clock::time_point last_;
  Seconds cost_{0};
};

}  // namespace amltrain::engine
