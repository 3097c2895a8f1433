// Runs as text.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "history/run.hpp"

namespace amltrain::cli {

/// What `wait` prints at the end of a run: how it ended, metrics, outputs, and what to type next.
void show_execution_summary(std::ostream& out, const RunRecord& run);

/// What `runs show` prints: the summary and where the run came from.
void show_run(std::ostream& out, const RunRecord& run);

/// "val_acc 0.954 (best 0.961)"
std::string describe_metric(const MetricSummary& metrics, const std::string& name);

/// "2: 1 run is ahead of it in the queue of 'local'"; empty unless it is queued.
std::string describe_queue(const RunRecord& run);

/// Of the running time; empty before the run has begun.
std::string describe_duration(const std::optional<Time>& started_at, const std::optional<Time>& ended_at);

}  // namespace amltrain::cli
