#include "engine/train/checkpoint_pace.hpp"

#include <algorithm>

#include "engine/api.hpp"

namespace amltrain::engine {

bool CheckpointPace::due(std::int64_t steps, Clock::time_point now) const {
  if (every_ == kAutomaticCheckpoints) return now - last_ >= interval(cost_);
  return every_ > 0 && steps % every_ == 0;
}

void CheckpointPace::begun(Clock::time_point now, Seconds cost) {
  last_ = now;
  cost_ = cost;
}

CheckpointPace::Seconds CheckpointPace::interval(Seconds cost) { return std::max(Seconds(30), 100 * cost); }

}  // namespace amltrain::engine
