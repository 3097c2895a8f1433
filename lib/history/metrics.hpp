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
  Time time;
  std::string name;
  double value = 0;
  std::optional<std::int64_t> step;
  std::optional<std::int64_t> epoch;
  int rank = 0;
};
void to_json(json& out, const MetricPoint& point);
/// Throws Error{bad_input}; `time` may be absent (now), as may step, epoch and rank.
MetricPoint parse_metric_point(const json& in);

/// Appends in one write; not durable by itself (the supervisor syncs the file when the run ends).
void append_metric(const std::filesystem::path& file, const MetricPoint& point);

/// Calls `visit` for every point from byte `from` on; returns the offset to go on at. Lines that are no
/// metric are skipped and counted in `skipped` when given. Memory is bounded whatever the file's size.
std::uint64_t for_each_metric(const std::filesystem::path& file,
                              const std::function<void(const MetricPoint&)>& visit, std::uint64_t from = 0,
                              std::uint64_t* skipped = nullptr);

/// True for names that hold "loss" or "error".
bool smaller_is_better(std::string_view metric);

/// By name: the last value, and the best one: the smallest where that is better, else the largest.
/// NaN (in JSON null) is never the best while there is a number.
struct MetricSummary {
  std::map<std::string, MetricPoint> last, best;
};
void to_json(
    json& out,
    const MetricSummary& summary);  // {"metrics": {name: value}, "best": {name: {value, step, epoch}}}
MetricSummary parse_metric_summary(const json& in);
MetricSummary summarise_metrics(const std::filesystem::path& file);

}  // namespace amltrain
