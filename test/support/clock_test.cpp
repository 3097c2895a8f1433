#include "support/clock.hpp"

#include <catch2/catch.hpp>

#include "errors.hpp"

using namespace amltrain;
using namespace amltrain::test;
using namespace std::chrono_literals;

TEST_CASE("times are written in UTC with milliseconds and read back", "[support]") {
  const Time time = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)) + 9h + 30min + 5s + 7ms;
  CHECK(to_iso8601(time) == "2026-11-24T09:30:05.007Z");
  CHECK(parse_iso8601("2026-11-24T09:30:05.007Z") == time);
  CHECK(parse_iso8601("2026-11-24T09:30:05Z") == time - 7ms);
  CHECK(parse_iso8601("2026-11-24T09:30:05.0079999Z") == time);
  CHECK(parse_iso8601(to_iso8601(now())) <= now());
}

TEST_CASE("a time before 1970 and a leap day survive", "[support]") {
  CHECK(to_iso8601(parse_iso8601("1969-12-31T23:59:59.999Z")) == "1969-12-31T23:59:59.999Z");
  CHECK(to_iso8601(parse_iso8601("2024-02-29T00:00:00.000Z")) == "2024-02-29T00:00:00.000Z");
}

TEST_CASE("what is not a UTC time is refused by name", "[support]") {
  const std::string text =
      GENERATE(as<std::string>(), "", "Z", "2026-11-24", "2026-11-24T09:30:05", "2026-11-24T09:30:05+01:00",
               "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T09:60:00Z",
               "2026-11-24T09:30:60Z", "2026-11-24T09:30:05.Z", "2026-11-24T09:30:05.-1Z",
               "2026-11-24 09:30:05Z", "-026-11-24T09:30:05Z", "2026-11-24T09:30:05.1234567890Z");
  const Error problem = error_of([&] { parse_iso8601(text); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "'" + text + "'"));
}

TEST_CASE("durations are whole numbers with a unit", "[support]") {
  CHECK(parse_duration("90") == 90s);
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("20m") == 20min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("36500d") == 36500 * 24h);
}

TEST_CASE("what is not a duration is refused by name", "[support]") {
  const std::string text = GENERATE(as<std::string>(), "", "s", "-1", "-1s", "1.5h", "1w", "1 h", "20min",
                                    "0x10", "+5", "36501d", "99999999999999999999", "9223372036854775807d");
  const Error problem = error_of([&] { parse_duration(text); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "'" + text + "'"));
}
