#include "history/metric_line.hpp"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

/// "NAME=VALUE@STEP ..." of the points, and "?" at the end where a part was not understood.
std::string read(std::string_view line) {
  const MetricLine parsed = parse_metric_line(line);
  std::string text;
  for (const MetricPoint& point : parsed.points) {
    std::ostringstream out;
    out << point.name << '=' << point.value;
    if (point.step) out << '@' << *point.step;
    text += (text.empty() ? "" : " ") + out.str();
  }
  return parsed.understood ? text : text + "?";
}

}  // namespace

TEST_CASE("a line of words holds a point for each, with the step of all", "[history]") {
  const auto points = parse_metric_line("train_loss=0.25\ttrain_acc=-1e-3  step=7 epoch=2 rank=1\r").points;
  REQUIRE(points.size() == 2);
  CHECK(points[0].name == "train_loss");
  CHECK(points[0].value == 0.25);
  CHECK(points[1].value == -1e-3);
  for (const MetricPoint& point : points) {
    CHECK(point.step == 7);
    CHECK(point.epoch == 2);
    CHECK(point.rank == 1);
  }
  CHECK_FALSE(parse_metric_line("loss=1").points.at(0).step);
}

TEST_CASE("a script may leave out everything but name and value", "[history]") {
  const MetricPoint seen = parse_metric_line(R"({"name": "f1", "value": 1})").points.at(0);
  CHECK(seen.value == 1.0);
  CHECK_FALSE(seen.time);
  CHECK_FALSE(seen.step);
  CHECK(seen.rank == 0);
}

TEST_CASE("numbers are read as Python, C and people write them", "[history]") {
  CHECK(read("a=+1 step=3.0") == "a=1@3");
  CHECK(read("loss=nan") == "loss=nan");
  CHECK(read("a=1e400 b=inf c=-inf d=NaN e=1e-400") == "a=inf b=inf c=-inf d=nan e=0");
  CHECK(read(R"({"name": "a", "value": "0.5", "step": "3"})") == "a=0.5@3");
  CHECK(read(R"({"name": "loss", "value": NaN, "step": 1})") == "loss=nan@1");
  CHECK(read(R"({"name": "NaN \" NaN", "value": -Infinity})") == "NaN \" NaN=-inf");
  CHECK(read(R"({"name": "a", "value": Infinity, "step": 2.0, "epoch": null})") == "a=inf@2");
  CHECK(read(R"({"name": "a", "value": null})") == "a=nan");
  CHECK(read(R"({"a": 1, "time": null})") == "a=1");
}

TEST_CASE("a JSON object of names and numbers holds a point for each", "[history]") {
  CHECK(read(R"({"acc": 0.9, "loss": NaN, "step": 7})") == "acc=0.9@7 loss=nan@7");
  CHECK(read(R"({"time": 1.5, "value": 2})") == "time=1.5 value=2");
  const MetricPoint point =
      parse_metric_line(R"({"acc": 1, "epoch": 2, "rank": 1, "time": "2026-01-01T00:00:00Z"})").points.at(0);
  CHECK(point.epoch == 2);
  CHECK(point.rank == 1);
  CHECK(to_iso8601(point.time.value()) == "2026-01-01T00:00:00.000Z");
}

TEST_CASE("what is no metric in a line hides none that is, and is said", "[history]") {
  CHECK(read("loss=1 and more") == "loss=1?");
  CHECK(read("epoch 3: loss=1") == "loss=1?");
  CHECK(read("a=1 b=one step=2") == "a=1@2?");
  CHECK(read("loss=1 step=1.5") == "loss=1?");
  CHECK(read("loss=1 rank=99999999999") == "loss=1?");
  CHECK(read("loss=1 step=1e19") == "loss=1?");
  CHECK(read(R"({"acc": 0.9, "done": true, "more": {"loss": 1}})") == "acc=0.9?");
  CHECK(read(R"({"name": "a", "value": 1, "time": "yesterday"})") == "a=1?");
}

TEST_CASE("a line without any metric is none", "[history]") {
  for (const char* line : {"loss", "loss=", "=1", "loss=one", "loss=0.5x", "a=+-1", "a=1,step=2", "step=3",
                           "{\"name\": \"loss\"}", "{\"name\": \"\", \"value\": 1}",
                           "{\"name\": \"a\", \"value\": true}", "{\"step\": 1}", "{}", "[1]", "{"}) {
    INFO(line);
    CHECK(read(line) == "?");
  }
  CHECK(read("").empty());
  CHECK(read(" \t\r").empty());
}

TEST_CASE("JSON and words may be mixed in one file", "[history]") {
  const test::TemporaryFolder folder;
  test::write_plain(folder / "m", "a=1 b=2\n{\"name\": \"c\", \"value\": 3}\nnoise\n\nd=4");
  std::string names;
  SkippedLines skipped;
  const auto add = [&](const MetricPoint& point) { names += point.name; };
  for_each_metric(folder / "m", add, {.skipped = &skipped});
  CHECK(names == "abc");  // d may still be being written
  for_each_metric(folder / "m", add, {.ended = true});
  CHECK(names == "abcabcd");
  CHECK(skipped.lines == 1);
  CHECK(skipped.first == "noise");
}

}  // namespace amltrain
