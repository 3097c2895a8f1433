// Metrics as a table of epochs and as CSV.
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>

#include "history/metrics.hpp"

namespace amltrain::cli {

/// One row an epoch with the last value of each name; points without an epoch come last, in a row "-".
class EpochTable {
 public:
  void add(const MetricPoint& point);
  void print(std::ostream& out) const;

 private:
  std::set<std::string> names_;
  std::map<std::int64_t, std::map<std::string, double>> epochs_;
};

constexpr const char* kMetricCsvHeader = "time,name,value,step,epoch,rank";
/// RFC 4180, without the line's end; values with 17 significant digits.
std::string to_csv(const MetricPoint& point);

/// How many lines, and the first.
std::string describe_skipped(const SkippedLines& skipped);

}  // namespace amltrain::cli
