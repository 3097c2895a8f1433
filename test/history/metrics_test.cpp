#include "history/metrics.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

MetricPoint point(const std::string& name, double value, std::int64_t epoch = 0) {
  return {.time = now(), .name = name, .value = value, .step = {}, .epoch = epoch, .rank = 0};
}

std::vector<double> values_in(const std::filesystem::path& file, SkippedLines* skipped = nullptr) {
  std::vector<double> values;
  for_each_metric(file, [&](const MetricPoint& seen) { values.push_back(seen.value); }, {.skipped = skipped});
  return values;
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("a metric is read back with its step, epoch, rank and every bit of its value", "[history]") {
  const TemporaryFolder folder;
  const MetricPoint written{now(), "train_loss", 0.1 + 0.2, 40, 2, 3};
  append_metric(folder / "metrics.jsonl", written);
  std::size_t count = 0;
  for_each_metric(folder / "metrics.jsonl", [&](const MetricPoint& read) {
    ++count;
    CHECK(read.time == written.time);
    CHECK(read.name == "train_loss");
    CHECK(read.value == written.value);
    CHECK(read.step == 40);
    CHECK(read.epoch == 2);
    CHECK(read.rank == 3);
  });
  CHECK(count == 1);
}

TEST_CASE("infinities outlive a line and a summary, and a line without a time has none", "[history]") {
  const TemporaryFolder folder;
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  append_metric(folder / "m", point("up", kInfinite));
  append_metric(folder / "m", point("down", -kInfinite));
  append_metric(folder / "m", {.time = {}, .name = "late", .value = 1, .step = {}, .epoch = {}});
  CHECK(values_in(folder / "m") == std::vector<double>{kInfinite, -kInfinite, 1});
  const auto times = [&] {
    int count = 0;
    for_each_metric(folder / "m", [&](const MetricPoint& seen) { count += seen.time ? 1 : 0; });
    return count;
  };
  CHECK(times() == 2);
  const MetricSummary again = parse_metric_summary(json(summarise_metrics(folder / "m", true)));
  CHECK(again.last.at("up").value == kInfinite);
  CHECK(again.last.at("down").value == -kInfinite);
  CHECK(again.best.at("down").value == -kInfinite);
}

TEST_CASE("lines that are no metric are skipped and counted", "[history]") {
  const TemporaryFolder folder;
  write_plain(folder / "m",
              "{\"name\":\"a\",\"value\":1}\n"
              "not json\n"
              "\n"
              "[1]\n"
              "{\"name\":\"a\"}\n"
              "{\"name\":\"a\",\"value\":\"high\"}\n"
              "{\"name\":\"a\",\"value\":2}\n"
              "{\"name\":\"a\",\"val");
  SkippedLines skipped;
  CHECK(values_in(folder / "m", &skipped) == std::vector<double>{1, 2});
  CHECK(skipped.lines == 4);
  CHECK(skipped.first == "not json");
}

TEST_CASE("a torn last line of metrics.jsonl is skipped and the next append starts on a new line",
          "[history]") {
  const TemporaryFolder folder;
  const auto file = folder / "metrics.jsonl";
  append_metric(file, point("val_acc", 0.5));
  const std::string whole = read_plain(file);
  write_plain(file, whole + R"({"name":"val_acc","val)");
  CHECK(values_in(file) == std::vector<double>{0.5});
  append_metric(file, point("val_acc", 0.75));
  CHECK(values_in(file) == std::vector<double>{0.5, 0.75});
}

TEST_CASE("a reader goes on where it stopped", "[history]") {
  const TemporaryFolder folder;
  const auto file = folder / "metrics.jsonl";
  int seen = 0;
  const auto count = [&](const MetricPoint&) { ++seen; };
  CHECK(for_each_metric(file, count) == 0);  // absent
  append_metric(file, point("a", 1));
  const std::uint64_t end = for_each_metric(file, count);
  CHECK(end == std::filesystem::file_size(file));
  append_metric(file, point("a", 2));
  for_each_metric(file, count, {.from = end});
  CHECK(seen == 2);
}

TEST_CASE("a file of many pieces loses no line at their seams", "[history]") {
  const TemporaryFolder folder;
  std::string text;
  const int lines = 20'000;  // about 1 MB, read in pieces of 256 KiB
  for (int i = 0; i < lines; ++i)
    text += "{\"name\":\"loss\",\"value\":" + std::to_string(i) + ",\"step\":" + std::to_string(i) + "}\n";
  write_plain(folder / "m", text);
  SkippedLines skipped;
  int next = 0;
  bool in_order = true;
  const std::uint64_t end = for_each_metric(
      folder / "m", [&](const MetricPoint& seen) { in_order = in_order && seen.step == next++; },
      {.skipped = &skipped});
  CHECK(in_order);
  CHECK(next == lines);
  CHECK(skipped.lines == 0);
  CHECK(end == text.size());
}

TEST_CASE("a line longer than any metric is skipped without being held", "[history]") {
  const TemporaryFolder folder;
  const std::string metric = "{\"name\":\"a\",\"value\":1}\n";
  write_plain(folder / "m", metric + std::string(5'000'000, 'x') + "\n" + metric);
  SkippedLines skipped;
  CHECK(values_in(folder / "m", &skipped) == std::vector<double>{1, 1});
  CHECK(skipped.lines == 1);
  CHECK(skipped.first == std::string(100, 'x') + "...");
}

TEST_CASE("what is shown of a line moves no cursor and is UTF-8", "[history]") {
  const TemporaryFolder folder;
  SkippedLines skipped;
  write_plain(folder / "m", std::string(99, 'x') + "\xC3\xA9 and more\n");
  values_in(folder / "m", &skipped);
  CHECK(skipped.first == std::string(99, 'x') + "...");
  skipped = {};
  write_plain(folder / "m", "\x1B[2J\xFF\n");
  values_in(folder / "m", &skipped);
  CHECK(skipped.first == "\\x1b[2J\xEF\xBF\xBD");
}

TEST_CASE("the best value is the smallest loss and the largest accuracy, the first of equals", "[history]") {
  const TemporaryFolder folder;
  const auto file = folder / "m";
  for (int epoch = 0; epoch < 4; ++epoch) {
    append_metric(file,
                  point("val_loss", std::vector{0.9, 0.4, 0.4, 0.7}[static_cast<std::size_t>(epoch)], epoch));
    append_metric(file,
                  point("val_acc", std::vector{0.5, 0.8, 0.8, 0.6}[static_cast<std::size_t>(epoch)], epoch));
  }
  const MetricSummary summary = summarise_metrics(file, true);
  CHECK(summary.last.at("val_loss").value == 0.7);
  CHECK(summary.best.at("val_loss").value == 0.4);
  CHECK(summary.best.at("val_loss").epoch == 1);
  CHECK(summary.last.at("val_acc").value == 0.6);
  CHECK(summary.best.at("val_acc").epoch == 1);
}

TEST_CASE("a loss that became NaN is kept as null and is not the best", "[history]") {
  const TemporaryFolder folder;
  const auto file = folder / "m";
  for (const double value : {kNaN, 0.5, kNaN}) append_metric(file, point("loss", value));
  CHECK(contains(read_plain(file), "\"value\":null"));
  const MetricSummary summary = summarise_metrics(file, true);
  CHECK(std::isnan(summary.last.at("loss").value));
  CHECK(summary.best.at("loss").value == 0.5);
}

TEST_CASE("a summary survives its JSON", "[history]") {
  MetricSummary summary;
  summary.last["loss"] = point("loss", kNaN);
  summary.last["acc"] = point("acc", 0.5, 3);
  summary.best["acc"] = point("acc", 0.75, 1);
  CHECK_FALSE(json(summary).contains("metrics_skipped"));
  summary.skipped = {3, "noise"};
  const json written = summary;
  CHECK(written["metrics"]["acc"] == 0.5);
  CHECK(written["best"]["acc"] == json{{"value", 0.75}, {"step", nullptr}, {"epoch", 1}});
  const MetricSummary read = parse_metric_summary(written);
  CHECK(std::isnan(read.last.at("loss").value));
  CHECK(read.best.at("acc").epoch == 1);
  CHECK(read.skipped.lines == 3);
  CHECK(json(read) == written);
}
