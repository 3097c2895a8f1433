// A run as a line of a list.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "history/run.hpp"

namespace amltrain {

/// What runs are chosen and ordered by, and what a table says of each. A record is eight times as large: of
/// ten thousand runs the records take longer to lay out in memory than the rows to read.
struct RunRow {
  RunId id;
  std::string experiment, compute;
  std::map<std::string, std::string> tags;
  State state = State::not_started;
  bool archived = false;
  Time submitted_at;
  std::optional<Time> started_at, ended_at;
  std::unique_ptr<MetricSummary> metrics;  // where they were asked for
  std::unique_ptr<RunRecord> record;       // as it was read; absent when the index knew the row
};

/// The row with its record.
RunRow row_of(RunRecord record);

}  // namespace amltrain
