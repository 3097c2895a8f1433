// metrics.jsonl: what a run measured, one line at a time (metric_line.hpp), appended by the worker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/clock.hpp"
#include "support/json.hpp"

namespace amltrain {

struct MetricPoint {
  std::optional<Time> time;  // absent where its line bears none
  std::string name;
  double value = 0;
  std::optional<std::int64_t> step;
  std::optional<std::int64_t> epoch;
  int rank = 0;
};
void to_json(json& out, const MetricPoint& point);

/// Appends in one write; not durable by itself (the supervisor syncs the file when the run ends).
void append_metric(const std::filesystem::path& file, const MetricPoint& point);

/// Lines that are no metric, or of which a part is none.
struct SkippedLines {
  std::uint64_t lines = 0;
  std::string first;  // its beginning, as printable UTF-8
};

struct MetricReading {
  std::uint64_t from = 0;           // the byte to begin at
  bool ended = false;               // the run has: a last line without a newline is whole, not still written
  SkippedLines* skipped = nullptr;  // gets what is not understood
};

/// Calls `visit` for every point; returns the offset to go on at. Memory is bounded whatever the file's size.
std::uint64_t for_each_metric(const std::filesystem::path& file,
                              const std::function<void(const MetricPoint&)>& visit,
                              const MetricReading& reading = {});

/// True for names that hold "loss" or "error".
bool smaller_is_better(std::string_view metric);

/// By name: the last value, and the best one: the smallest where that is better, else the largest.
/// NaN is never the best while there is a number. JSON, which has neither, has null for it, and the texts
/// "Infinity" and "-Infinity".
struct MetricSummary {
  std::map<std::string, MetricPoint> last, best;
  SkippedLines skipped;
};
/// {"metrics": {name: value}, "best": {name: {value, step, epoch}}}, and "metrics_skipped": {lines, first}
/// when there are some.
void to_json(json& out, const MetricSummary& summary);
MetricSummary parse_metric_summary(const json& in);
/// `ended` as in MetricReading.
MetricSummary summarise_metrics(const std::filesystem::path& file, bool ended);

}  // namespace amltrain
