#include "history/compare_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace amltrain {
namespace {

struct Value {
  std::uint64_t line;  // counts points of all names
  double value;
  std::optional<std::int64_t> step, epoch;
};
struct Series {
  std::vector<Value> before;
  std::size_t seen = 0;    // of them, those that `now` has reached
  std::size_t beyond = 0;  // of `now`, those that come after all of them
};
using SeriesKey = std::pair<std::string, int>;  // name, rank

/// 0 for the same value; infinite where one is a number and the other is none.
double difference_of(double before, double now) {
  if (before == now || (std::isnan(before) && std::isnan(now))) return 0;
  const double difference = std::abs(before - now) / std::max({1.0, std::abs(before), std::abs(now)});
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

class Comparison {
 public:
  explicit Comparison(double tolerance) : tolerance_(tolerance) {}

  void add_before(const MetricPoint& point) {
    if (is_left_out(point)) return;
    series_[{point.name, point.rank}].before.push_back({lines_++, point.value, point.step, point.epoch});
  }

  void add_now(const MetricPoint& point) {
    if (is_left_out(point)) return;
    ++result_.points;
    Series& series = series_[{point.name, point.rank}];
    if (series.seen == series.before.size())
      return add_difference(
          lines_++,
          {point.name, point.rank, point.step, point.epoch, {}, point.value, ++series.beyond + series.seen});
    const Value& before = series.before[series.seen++];
    const bool same_place = before.step == point.step && before.epoch == point.epoch;
    const double difference = difference_of(before.value, point.value);
    if (same_place && difference == 0) return;
    if (same_place && difference <= tolerance_) {
      ++result_.differing;
      result_.largest_difference = std::max(result_.largest_difference, difference);
      return;
    }
    if (same_place) result_.largest_difference = std::max(result_.largest_difference, difference);
    MetricDifference parts{point.name, point.rank, before.step, before.epoch, before.value, {}, series.seen};
    if (same_place) parts.now = point.value;
    add_difference(before.line, std::move(parts));
  }

  MetricComparison finish() {
    for (const auto& [key, series] : series_) {
      for (std::size_t i = series.seen; i < series.before.size(); ++i) {
        const Value& missing = series.before[i];
        ++result_.points;
        add_difference(missing.line,
                       {key.first, key.second, missing.step, missing.epoch, missing.value, {}, i + 1});
      }
    }
    result_.left_out.assign(left_out_.begin(), left_out_.end());
    return std::move(result_);
  }

 private:
  bool is_left_out(const MetricPoint& point) {
    if (!tells_of_the_machine(point.name)) return false;
    left_out_.insert(point.name);
    return true;
  }

  void add_difference(std::uint64_t line, MetricDifference parts) {
    ++result_.differing;
    ++result_.beyond;
    const auto [first_of_name, is_new] = first_lines_.try_emplace(parts.name, line);
    if (!is_new && first_of_name->second <= line) return;
    first_of_name->second = line;
    if (line < first_line_) {
      first_line_ = line;
      result_.first = parts;
    }
    result_.first_of[parts.name] = std::move(parts);
  }

  double tolerance_;
  std::map<SeriesKey, Series> series_;
  std::set<std::string> left_out_;
  std::map<std::string, std::uint64_t> first_lines_;  // of result_.first_of
  std::uint64_t lines_ = 0, first_line_ = std::numeric_limits<std::uint64_t>::max();
  MetricComparison result_;
};

}  // namespace

bool tells_of_the_machine(std::string_view metric) {
  const auto holds = [&](std::string_view part) { return metric.find(part) != std::string_view::npos; };
  return holds("second") || holds("throughput") || holds("memory") || metric.ends_with("time") ||
         metric.ends_with("_ms");
}

MetricComparison compare_metrics(const std::filesystem::path& before, const std::filesystem::path& now,
                                 double tolerance) {
  Comparison comparison(tolerance);
  const MetricReading ended{.ended = true};
  for_each_metric(
      before, [&](const MetricPoint& point) { comparison.add_before(point); }, ended);
  for_each_metric(
      now, [&](const MetricPoint& point) { comparison.add_now(point); }, ended);
  return comparison.finish();
}

}  // namespace amltrain
