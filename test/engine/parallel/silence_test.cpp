#include "engine/parallel/silence.hpp"

#include <catch2/catch.hpp>

using namespace amltrain::engine;
using namespace std::chrono_literals;

TEST_CASE("silence grows while the counter stands still, and ends when it moves") {
  Silence silence;
  const Silence::Clock::time_point start{};
  CHECK(silence.look(7, start) == 0ms);
  CHECK(silence.look(7, start + 100ms) == 100ms);
  CHECK(silence.look(7, start + 250ms) == 250ms);
  CHECK(silence.look(8, start + 300ms) == 0ms);
  CHECK(silence.look(8, start + 400ms) == 100ms);
}

TEST_CASE("time in which nobody could look says nothing of the other") {
  Silence silence;
  const Silence::Clock::time_point start{};
  silence.look(1, start);
  CHECK(silence.look(1, start + 1h) == 200ms);
  CHECK(silence.look(1, start + 1h + 100ms) == 300ms);
}

TEST_CASE("patience follows the longest pause, and is long until there was one") {
  CHECK(patience(0, 0ms, 8s) == 2min);
  CHECK(patience(kFirstBeats, 0ms, 8s) == 2min);
  CHECK(patience(kFirstBeats + 1, 10ms, 8s) == 8s);
  CHECK(patience(100, 3000ms, 8s) == 12s);
  CHECK(patience(100, 3000ms, 30s) == 30s);
}
