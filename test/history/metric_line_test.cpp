#include "history/metric_line.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/temporary_folder.hpp"

namespace amltrain {

TEST_CASE("a line of words holds a point for each, with the step of all", "[history]") {
  const auto points = parse_metric_line("train_loss=0.25\ttrain_acc=-1e-3  step=7 epoch=2 rank=1\r");
  REQUIRE(points.size() == 2);
  CHECK(points[0].name == "train_loss");
  CHECK(points[0].value == 0.25);
  CHECK(points[1].value == -1e-3);
  for (const MetricPoint& point : points) {
    CHECK(point.step == 7);
    CHECK(point.epoch == 2);
    CHECK(point.rank == 1);
  }
  CHECK(std::isnan(parse_metric_line("loss=nan").at(0).value));
  CHECK_FALSE(parse_metric_line("loss=1").at(0).step);
}

TEST_CASE("a line that is no metric in any word is none", "[history]") {
  for (const char* line : {"", " ", "loss", "loss=", "=1", "loss=one", "loss=1 and more", "loss=0.5x",
                           "step=3", "loss=1 step=1.5", "epoch 3: loss=1", "{\"name\": \"loss\"}", "[1]", "{",
                           "loss=1 rank=99999999999"}) {
    INFO(line);
    CHECK(parse_metric_line(line).empty());
  }
}

TEST_CASE("JSON and words may be mixed in one file", "[history]") {
  const test::TemporaryFolder folder;
  test::write_plain(folder / "m", "a=1 b=2\n{\"name\": \"c\", \"value\": 3}\nnoise\nd=4");
  std::string names;
  std::uint64_t skipped = 0;
  for_each_metric(
      folder / "m", [&](const MetricPoint& point) { names += point.name; }, 0, &skipped);
  CHECK(names == "abc");
  CHECK(skipped == 1);
}

}  // namespace amltrain
