#include "history/compare_metrics.hpp"

#include <catch2/catch.hpp>

#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

MetricComparison compare(const std::string& before, const std::string& now, double tolerance = 0) {
  const TemporaryFolder folder;
  write_plain(folder / "before", before);
  write_plain(folder / "now", now);
  return compare_metrics(folder / "before", folder / "now", tolerance);
}

}  // namespace

TEST_CASE("the same points are the same, whatever their times and the order of names", "[history]") {
  const MetricComparison same = compare("loss=0.5 acc=1 step=1\nloss=0.25 acc=2 step=2\nnone=nan\n",
                                        "none=nan\nacc=1 step=1\nloss=0.5 step=1\n"
                                        "{\"name\": \"loss\", \"value\": 0.25, \"step\": 2, \"time\": "
                                        "\"2026-01-01T00:00:00Z\"}\nacc=2 step=2\n");
  CHECK(same.points == 5);
  CHECK(same.differing == 0);
  CHECK_FALSE(same.first);
  CHECK(compare("", "").points == 0);
}

TEST_CASE("the first point that differs is the first of the original's file", "[history]") {
  const MetricComparison parts = compare("a=1 step=1\nb=1 step=1\na=2 step=2\nb=2 step=2\n",
                                         "b=1 step=1\nb=3 step=2\na=1 step=1\na=4 step=2\n");
  CHECK(parts.differing == 2);
  REQUIRE(parts.first);
  CHECK(parts.first->name == "a");
  CHECK(parts.first->step == 2);
  CHECK(parts.first->before == 2);
  CHECK(parts.first->now == 4);
  CHECK(parts.largest_difference == 0.5);
}

TEST_CASE("each name has its own first difference, with its place among its points", "[history]") {
  const MetricComparison parts = compare("a=1 step=1\nb=1\na=2 step=2\nb=2\na=3 step=3\n",
                                         "a=1 step=1\nb=1\na=9 step=2\nb=7\na=8 step=3\nc=1\nc=2\n");
  REQUIRE(parts.first_of.size() == 3);
  CHECK(parts.first->name == "a");
  CHECK(parts.first_of.at("a").step == 2);
  CHECK(parts.first_of.at("a").point == 2);
  CHECK(parts.first_of.at("b").now == 7);
  CHECK(parts.first_of.at("b").point == 2);
  CHECK(parts.first_of.at("c").now == 1);
  CHECK(parts.first_of.at("c").point == 1);
  CHECK(compare("a=1\n", "a=1\na=2\na=3\n").first_of.at("a").point == 2);
  CHECK(compare("a=1\na=2\na=3\n", "a=1\n").first_of.at("a").point == 2);
}

TEST_CASE("values differ bit by bit, or by a part of the larger one", "[history]") {
  CHECK(compare("a=0.1\n", "a=0.10000000000000002\n").differing == 1);
  const MetricComparison within = compare("a=1000 b=0.01\n", "a=1001 b=0.0105\n", 1e-3);
  CHECK(within.differing == 2);
  CHECK(within.beyond == 0);
  CHECK_FALSE(within.first);
  CHECK(compare("a=1000\n", "a=1002\n", 1e-3).beyond == 1);
  CHECK(compare("a=0.01\n", "a=0.012\n", 1e-3).beyond == 1);
  CHECK(compare("a=nan\n", "a=1\n", 1).beyond == 1);
  CHECK(compare("a=inf\n", "a=inf\n").differing == 0);
  CHECK(compare("a=inf\n", "a=-inf\n", 1).beyond == 1);
}

TEST_CASE("points that only one of two has, and those of other steps, differ", "[history]") {
  const MetricComparison missing = compare("a=1 step=1\na=2 step=2\n", "a=1 step=1\n", 1);
  CHECK(missing.points == 2);
  REQUIRE(missing.first);
  CHECK(missing.first->before == 2);
  CHECK_FALSE(missing.first->now);
  const MetricComparison extra = compare("a=1 step=1\n", "a=1 step=1\nz=3 step=9\n", 1);
  REQUIRE(extra.first);
  CHECK_FALSE(extra.first->before);
  CHECK(extra.first->now == 3);
  CHECK(compare("a=1 step=1\n", "a=1 step=2\n", 1).beyond == 1);
  CHECK(compare("a=1 rank=0\n", "a=1 rank=1\n", 1).beyond == 2);
}

TEST_CASE("what tells of the machine is named and not compared", "[history]") {
  const MetricComparison comparison =
      compare("images_per_second=5 loss=1 step_time=3\n", "images_per_second=6 loss=1 gpu_memory=2\n");
  CHECK(comparison.points == 1);
  CHECK(comparison.differing == 0);
  CHECK(comparison.left_out == std::vector<std::string>{"gpu_memory", "images_per_second", "step_time"});
  CHECK_FALSE(tells_of_the_machine("val_acc"));
  CHECK_FALSE(tells_of_the_machine("times_flipped"));
}
