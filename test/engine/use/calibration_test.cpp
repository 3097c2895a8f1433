#include "engine/train/calibration.hpp"

#include <catch2/catch.hpp>

using namespace amltrain::engine;

TEST_CASE("the expected calibration error of a table worked out by hand", "[engine][use]") {
  Calibration calibration;
  CHECK(calibration.expected_error() == 0);
  // bin 8 (0.5333 to 0.6): 2 images, 1 right, mean 0.57; bin 14 (above 0.9333): 2 images, both right, mean
  // 0.97
  calibration.add(0.55, true);
  calibration.add(0.59, false);
  calibration.add(0.96, true);
  calibration.add(0.98, true);
  CHECK(calibration.bins()[8].images == 2);
  CHECK(calibration.bins()[8].correct == 1);
  CHECK(calibration.bins()[14].images == 2);
  CHECK(calibration.expected_error() == Approx(0.5 * 0.07 + 0.5 * 0.03));
}

TEST_CASE("a bin holds its upper edge and not its lower one", "[engine][use]") {
  Calibration calibration;
  calibration.add(0.2, true);  // 3 / 15
  calibration.add(0.2000001, true);
  calibration.add(1.0, true);
  calibration.add(0.0, false);
  CHECK(calibration.bins()[2].images == 1);
  CHECK(calibration.bins()[3].images == 1);
  CHECK(calibration.bins()[14].images == 1);
  CHECK(calibration.bins()[0].images == 1);
}
