#include "engine/use/interval.hpp"

#include <catch2/catch.hpp>

using namespace amltrain::engine;

TEST_CASE("Wilson's interval is that of the formula worked out in Python", "[engine][use]") {
  struct Row {
    std::int64_t successes, trials;
    double low, high;
  };
  // the roots q of (p - q)^2 = z^2 q (1 - q) / n, in 40 decimal digits
  const auto row = GENERATE(values<Row>({{0, 10, 0.000000000000, 0.277532799863},
                                         {10, 10, 0.722467200137, 1.000000000000},
                                         {5, 10, 0.236593090513, 0.763406909487},
                                         {144, 153, 0.891994432890, 0.968747369788},
                                         {1, 1, 0.206549314377, 1.000000000000},
                                         {81, 263, 0.255288519878, 0.366209576983}}));
  const Interval interval = wilson_interval(row.successes, row.trials);
  CHECK(interval.low == Approx(row.low).margin(1e-9));
  CHECK(interval.high == Approx(row.high).margin(1e-9));
}

TEST_CASE("nothing is known of an accuracy without images", "[engine][use]") {
  CHECK(wilson_interval(0, 0).low == 0);
  CHECK(wilson_interval(0, 0).high == 1);
}
