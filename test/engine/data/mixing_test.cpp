#include "engine/data/mixing.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace amltrain::engine;

namespace {

/// Shares of many batches.
std::vector<double> shares(double alpha) {
  std::vector<double> drawn;
  for (int batch = 0; batch < 4000; ++batch)
    drawn.push_back(draw_mixing(alpha, 7, batch % 5, batch, 1).share);
  return drawn;
}

}  // namespace

TEST_CASE("a mixing is a function of seed, epoch and batch", "[engine][data]") {
  const Mixing one = draw_mixing(0.2, 1, 2, 3, 8), again = draw_mixing(0.2, 1, 2, 3, 8);
  CHECK(one.share == again.share);
  CHECK(one.partner == again.partner);
  CHECK(one.share != draw_mixing(0.2, 2, 2, 3, 8).share);
  CHECK(one.share != draw_mixing(0.2, 1, 3, 3, 8).share);
  CHECK(one.share != draw_mixing(0.2, 1, 2, 4, 8).share);
}

TEST_CASE("each image is mixed in once", "[engine][data]") {
  const Mixing mixing = draw_mixing(1, 1, 0, 0, 50);
  CHECK(std::set(mixing.partner.begin(), mixing.partner.end()).size() == 50);
  CHECK(*std::ranges::max_element(mixing.partner) == 49);
  CHECK_FALSE(std::ranges::is_sorted(mixing.partner));
}

TEST_CASE("shares have the mean and the variance of Beta(alpha, alpha)", "[engine][data]") {
  const double alpha = GENERATE(0.01, 0.2, 1.0, 4.0);
  double sum = 0, squares = 0;
  const std::vector<double> drawn = shares(alpha);
  for (const double share : drawn) {
    REQUIRE(share >= 0);
    REQUIRE(share <= 1);
    sum += share;
    squares += share * share;
  }
  const double count = static_cast<double>(drawn.size()), mean = sum / count;
  INFO(alpha);
  CHECK(mean == Approx(0.5).margin(0.03));
  CHECK(squares / count - mean * mean == Approx(1 / (4 * (2 * alpha + 1))).epsilon(0.06));
}
