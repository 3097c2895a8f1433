#include "job/life_watch.hpp"

#include <catch2/catch.hpp>

using namespace amltrain;
using namespace std::chrono_literals;

namespace {

/// Looks each second, from 0 on, at a command that shows nothing new; returns after how many seconds it is
/// taken to be silent, 0 if never in an hour.
int seconds_until_silent(LifeWatch& watch, std::chrono::milliseconds patience) {
  for (int second = 0; second <= 3600; ++second)
    if (watch.look(7, patience, LifeWatch::Clock::time_point(std::chrono::seconds(second)))) return second;
  return 0;
}

}  // namespace

TEST_CASE("a command is silent after twice its patience and five seconds", "[job]") {
  LifeWatch usual, slow, unwatched;
  CHECK(seconds_until_silent(usual, 8s) == 21);
  CHECK(seconds_until_silent(slow, 2min) == 245);
  CHECK(seconds_until_silent(unwatched, 0s) == 0);
}

TEST_CASE("a sign of life ends a silence, and is patient as it says", "[job]") {
  LifeWatch watch;
  LifeWatch::Clock::time_point now{};
  for (std::uint64_t shown = 1; shown < 100; ++shown)
    for (int second = 0; second < 8; ++second) CHECK_FALSE(watch.look(shown, 2s, now += 1s));
  CHECK_FALSE(watch.look(99, 2s, now += 1s));  // eight seconds since it was new
  CHECK(watch.look(99, 2s, now += 1s) == 9s);
}

TEST_CASE("time in which nobody watched is no silence", "[job]") {
  LifeWatch watch;
  LifeWatch::Clock::time_point now{};
  watch.look(1, 1s, now);
  CHECK_FALSE(watch.look(1, 1s, now += 1h));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(watch.look(1, 1s, now += 10min));
  CHECK(watch.look(1, 1s, now += 10min) == 7s);
}
