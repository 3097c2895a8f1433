// Two metrics files of what should be the same training.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/metrics.hpp"

namespace amltrain {

/// Where two runs part: a point of the one that has no equal in the other.
struct MetricDifference {
  std::string name;
  int rank = 0;
  std::optional<std::int64_t> step, epoch;
  std::optional<double> before, now;  // absent: there is no such point
  std::size_t point = 0;              // of its name and rank, counted from 1
};

struct MetricComparison {
  std::uint64_t points = 0;               // of either, counted once where both have them
  std::uint64_t differing = 0;            // of them, those that are not bit for bit the same
  std::uint64_t beyond = 0;               // of them, those that differ by more than the tolerance
  double largest_difference = 0;          // |before - now| / max(1, |before|, |now|)
  std::optional<MetricDifference> first;  // of those beyond the tolerance, in the order of `before`'s lines
  std::map<std::string, MetricDifference> first_of;  // the same, by name
  std::vector<std::string> left_out;                 // names that tell of the machine
};

/// True for names that hold "second", "throughput" or "memory", or end in "time" or "_ms".
bool tells_of_the_machine(std::string_view metric);

/// Compares the metrics of ended runs point by point: the n-th of a name and rank with the n-th of the same
/// in the other, by step, epoch and value (NaN equals NaN). Its memory is 40 bytes for each point of
/// `before`.
MetricComparison compare_metrics(const std::filesystem::path& before, const std::filesystem::path& now,
                                 double tolerance);

}  // namespace amltrain
