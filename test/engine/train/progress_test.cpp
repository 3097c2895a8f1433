#include "engine/train/progress.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace amltrain::engine;

TEST_CASE("the time left is what the images left cost so far", "[engine][train]") {
  CHECK(seconds_left({100, 0, 0}, {50, 0, 0}) == 0);
  CHECK(seconds_left({100, 40, 20}, {50, 10, 2}) == Approx(60 * 0.5 + 40 * 0.2));
  CHECK(seconds_left({100, 100, 50}, {50, 50, 5}) == Approx(0).margin(1e-9));
  // No validation image yet: a third of a training image's cost.
  CHECK(seconds_left({100, 40, 24}, {50, 0, 0}) == Approx(60 * 0.6 + 50 * 0.2));
}

TEST_CASE("durations read as the tutorial prints them", "[engine][train]") {
  CHECK(minutes_and_seconds(0) == "0m 0s");
  CHECK(minutes_and_seconds(63.4) == "1m 3s");
  CHECK(minutes_and_seconds(7325) == "2h 2m 5s");
}

TEST_CASE("progress is said once an interval", "[engine][train]") {
  std::vector<std::string> lines;
  const Say say = [&](const std::string& line) { lines.push_back(line); };
  Progress often(say, 8, 4, std::chrono::seconds(0)), never(say, 8, 4, std::chrono::hours(1));
  often.start(3, Progress::Phase::train);
  often.add(4, 17);
  never.start(0, Progress::Phase::train);
  never.add(4, 1);
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0],
             Catch::StartsWith("epoch 3 train step 17, ") && Catch::Contains(" images/s, ETA 0m 0s"));
  CHECK(often.images_per_second() > 0);
}
