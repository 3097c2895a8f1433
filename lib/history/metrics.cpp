#include "history/metrics.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <limits>

#include "history/metric_line.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 18;
constexpr std::size_t kLongestLine = std::size_t{1} << 20;

/// JSON has no number that is none: null stands for NaN and for the infinities.
json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

double parse_number(const json& in, const char* name) {
  if (in.is_object() && in.contains(name) && in[name].is_null())
    return std::numeric_limits<double>::quiet_NaN();
  return field<double>(in, name);
}

/// Calls `visit` with each whole line after `from`, without its '\n'. A line longer than any metric comes as
/// an empty one. Returns the offset after the last whole line.
std::uint64_t for_each_line(const std::filesystem::path& path, std::uint64_t from,
                            const std::function<void(std::string_view)>& visit) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return from;
    throw_errno("cannot read " + path.string());
  }
  std::string piece(kPieceBytes, '\0'), pending;
  bool too_long = false;
  std::uint64_t end = from;
  for (std::uint64_t at = from;;) {
    const ssize_t count = pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read " + path.string());
    if (count == 0) return end;
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
    std::size_t start = 0;
    for (std::size_t stop; (stop = bytes.find('\n', start)) != std::string_view::npos; start = stop + 1) {
      pending += bytes.substr(start, stop - start);
      visit(too_long || pending.size() > kLongestLine ? std::string_view() : std::string_view(pending));
      pending.clear();
      too_long = false;
      end = at + stop + 1;
    }
    pending += bytes.substr(start);
    if (pending.size() > kLongestLine) {
      too_long = true;
      pending.clear();
    }
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
  out = {{"time", to_iso8601(point.time)}, {"name", point.name}, {"value", number(point.value)}};
  if (point.step) out["step"] = *point.step;
  if (point.epoch) out["epoch"] = *point.epoch;
  out["rank"] = point.rank;
}

MetricPoint parse_metric_point(const json& in) {
  MetricPoint point;
  point.name = field<std::string>(in, "name");
  point.value = parse_number(in, "value");
  const auto time = optional_field<std::string>(in, "time");
  point.time = time ? parse_iso8601(*time) : now();
  point.step = optional_field<std::int64_t>(in, "step");
  point.epoch = optional_field<std::int64_t>(in, "epoch");
  point.rank = field_or<int>(in, "rank", 0);
  return point;
}

void append_metric(const std::filesystem::path& file, const MetricPoint& point) {
  append_line(file, recorded_text(point));
}

std::uint64_t for_each_metric(const std::filesystem::path& file,
                              const std::function<void(const MetricPoint&)>& visit, std::uint64_t from,
                              std::uint64_t* skipped) {
  return for_each_line(file, from, [&](std::string_view line) {
    const std::vector<MetricPoint> points = parse_metric_line(line);
    for (const MetricPoint& point : points) visit(point);
    if (points.empty() && skipped != nullptr) ++*skipped;
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
  return summary;
}

MetricSummary summarise_metrics(const std::filesystem::path& file) {
  MetricSummary summary;
  for_each_metric(file, [&](const MetricPoint& point) {
    summary.last.insert_or_assign(point.name, point);
    const auto [best, first] = summary.best.try_emplace(point.name, point);
    if (!first && is_better(point, best->second)) best->second = point;
  });
  return summary;
}

}  // namespace amltrain
