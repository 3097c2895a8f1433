#include "engine/train/checkpoint_pace.hpp"

#include <catch2/catch.hpp>

#include "engine/api.hpp"

using namespace amltrain::engine;
using std::chrono::seconds;

TEST_CASE("checkpoints come every so many steps, or never", "[engine][train]") {
  const CheckpointPace::Clock::time_point start{};
  const CheckpointPace every(10, start), never(0, start);
  CHECK(every.due(10, start));
  CHECK(every.due(20, start));
  CHECK_FALSE(every.due(15, start + seconds(1000)));
  CHECK_FALSE(never.due(10, start + seconds(1000)));
}

TEST_CASE("automatic checkpoints take at most a hundredth of the time, and come at most twice a minute",
          "[engine][train]") {
  const CheckpointPace::Clock::time_point start{};
  CheckpointPace pace(kAutomaticCheckpoints, start);
  CHECK_FALSE(pace.due(10, start + seconds(29)));
  CHECK(pace.due(11, start + seconds(30)));
  pace.begun(start + seconds(30), CheckpointPace::Seconds(0.05));
  CHECK_FALSE(pace.due(20, start + seconds(59)));
  CHECK(pace.due(21, start + seconds(60)));
  pace.begun(start + seconds(60), CheckpointPace::Seconds(2));
  CHECK_FALSE(pace.due(30, start + seconds(259)));
  CHECK(pace.due(31, start + seconds(260)));
}
