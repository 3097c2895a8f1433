#include "history/metrics.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <limits>

#include "history/metric_line.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/regular_file.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 18;
constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr std::size_t kShownOfALine = 100;

constexpr const char *kInfinity = "Infinity", *kMinusInfinity = "-Infinity";

/// JSON has no number that is none.
json number(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return value > 0 ? kInfinity : kMinusInfinity;
  return value;
}

double parse_number(const json& in, const char* name) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const auto value = field<json>(in, name);
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (value == kInfinity) return kInfinite;
  if (value == kMinusInfinity) return -kInfinite;
  return field<double>(in, name);
}

/// Cut at a character's beginning.
std::string beginning_of(std::string_view line) {
  const bool cut = line.size() > kShownOfALine;
  if (cut) {
    std::size_t end = kShownOfALine;
    while (end > 0 && (line[end] & 0xC0) == 0x80) --end;
    line = line.substr(0, end);
  }
  return as_utf8(printable(line)) + (cut ? "..." : "");
}

/// Calls `visit` with each line, without its '\n', and whether it is whole: of one that is longer than any
/// metric only the beginning is kept. Returns the offset after the last line. What is no regular file has
/// none, and says so in the place of one.
std::uint64_t for_each_line(const std::filesystem::path& path, const MetricReading& reading,
                            const std::function<void(std::string_view, bool whole)>& visit) {
  const Fd file = open_if_regular(path);
  if (!file) {
    if (is_irregular(path)) visit(path.filename().string() + " is no regular file", false);
    return reading.from;
  }
  std::string piece(kPieceBytes, '\0'), pending;
  bool too_long = false;
  const auto add = [&](std::string_view bytes) {
    if (too_long) return;
    pending += bytes;
    too_long = pending.size() > kLongestLine;
  };
  std::uint64_t end = reading.from;
  for (std::uint64_t at = reading.from;;) {
    const ssize_t count = pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read " + path.string());
    if (count == 0) {
      if (!reading.ended || pending.empty()) return end;
      visit(pending, !too_long);
      return at;
    }
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
    std::size_t start = 0;
    for (std::size_t stop; (stop = bytes.find('\n', start)) != std::string_view::npos; start = stop + 1) {
      add(bytes.substr(start, stop - start));
      visit(pending, !too_long);
      pending.clear();
      too_long = false;
      end = at + stop + 1;
    }
    add(bytes.substr(start));
    at += bytes.size();
  }
}

bool is_better(const MetricPoint& candidate, const MetricPoint& best) {
  if (std::isnan(candidate.value)) return false;
  if (std::isnan(best.value)) return true;
  return smaller_is_better(candidate.name) ? candidate.value < best.value : candidate.value > best.value;
}

}  // namespace

void to_json(json& out, const MetricPoint& point) {
  out = {{"time", nullptr}, {"name", point.name}, {"value", number(point.value)}};
  if (point.time) out["time"] = to_iso8601(*point.time);
  if (point.step) out["step"] = *point.step;
  if (point.epoch) out["epoch"] = *point.epoch;
  out["rank"] = point.rank;
}

void append_metric(const std::filesystem::path& file, const MetricPoint& point) {
  append_line(file, recorded_text(point));
}

std::uint64_t for_each_metric(const std::filesystem::path& file,
                              const std::function<void(const MetricPoint&)>& visit,
                              const MetricReading& reading) {
  return for_each_line(file, reading, [&](std::string_view text, bool whole) {
    const MetricLine line = whole ? parse_metric_line(text) : MetricLine{{}, false};
    for (const MetricPoint& point : line.points) visit(point);
    if (line.understood || reading.skipped == nullptr) return;
    if (reading.skipped->lines++ == 0) reading.skipped->first = beginning_of(text);
  });
}

bool smaller_is_better(std::string_view metric) {
  return metric.find("loss") != std::string_view::npos || metric.find("error") != std::string_view::npos;
}

void to_json(json& out, const MetricSummary& summary) {
  json metrics = json::object(), best = json::object();
  for (const auto& [name, point] : summary.last) metrics[name] = number(point.value);
  for (const auto& [name, point] : summary.best) {
    json& entry = best[name] = {{"value", number(point.value)}};
    entry["step"] = point.step ? json(*point.step) : json(nullptr);
    entry["epoch"] = point.epoch ? json(*point.epoch) : json(nullptr);
  }
  out = {{"metrics", std::move(metrics)}, {"best", std::move(best)}};
  if (const SkippedLines& skipped = summary.skipped; skipped.lines > 0)
    out["metrics_skipped"] = {{"lines", skipped.lines}, {"first", skipped.first}};
}

MetricSummary parse_metric_summary(const json& in) {
  MetricSummary summary;
  const json metrics = field<json>(in, "metrics"), best = field<json>(in, "best");
  for (const auto& [name, value] : metrics.items()) {
    MetricPoint& point = summary.last[name];
    point.name = name;
    point.value = parse_number(metrics, name.c_str());
  }
  for (const auto& [name, entry] : best.items()) {
    MetricPoint& point = summary.best[name];
    point.name = name;
    point.value = parse_number(entry, "value");
    point.step = optional_field<std::int64_t>(entry, "step");
    point.epoch = optional_field<std::int64_t>(entry, "epoch");
  }
  if (const auto skipped = optional_field<json>(in, "metrics_skipped"))  // not of older versions
    summary.skipped = {field<std::uint64_t>(*skipped, "lines"), field<std::string>(*skipped, "first")};
  return summary;
}

MetricSummary summarise_metrics(const std::filesystem::path& file, bool ended) {
  MetricSummary summary;
  const auto add = [&](const MetricPoint& point) {
    summary.last.insert_or_assign(point.name, point);
    const auto [best, first] = summary.best.try_emplace(point.name, point);
    if (!first && is_better(point, best->second)) best->second = point;
  };
  for_each_metric(file, add, {.ended = ended, .skipped = &summary.skipped});
  return summary;
}

}  // namespace amltrain
