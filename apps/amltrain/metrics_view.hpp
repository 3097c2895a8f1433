// Metrics as a table of epochs or steps, and as CSV.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>

#include "history/metrics.hpp"

namespace amltrain::cli {

/// One row an epoch with the last value of each name; where no point tells one, a row a step, of which the
/// last are kept. Points that tell neither come last, in a row "-".
class MetricTable {
 public:
  static constexpr std::size_t kAllSteps = std::numeric_limits<std::size_t>::max();

  explicit MetricTable(std::size_t most_steps) : most_steps_(most_steps) {}
  void add(const MetricPoint& point);
  void print(std::ostream& out) const;

  /// How many points are of steps before those that are shown; 0 where epochs are.
  std::uint64_t left_out() const { return by_step() ? left_out_ : 0; }
  std::size_t steps() const { return steps_.size(); }

 private:
  using Values = std::map<std::string, double>;
  struct Step {
    Values values;
    std::uint64_t points = 0;
  };
  bool by_step() const { return epochs_.empty() && !steps_.empty(); }
  void add_step(const MetricPoint& point);

  std::size_t most_steps_;
  std::set<std::string> names_;
  std::map<std::int64_t, Values> epochs_;
  std::map<std::int64_t, Step> steps_;
  Values without_epoch_, without_either_;
  std::uint64_t left_out_ = 0;
};

constexpr const char* kMetricCsvHeader = "time,name,value,step,epoch,rank";
/// RFC 4180, without the line's end; values with 17 significant digits.
std::string to_csv(const MetricPoint& point);

/// How many lines, and the first.
std::string describe_skipped(const SkippedLines& skipped);

}  // namespace amltrain::cli
