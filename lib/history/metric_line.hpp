// What a script may write into its metrics file.
#pragma once

#include <string_view>
#include <vector>

#include "history/metrics.hpp"

namespace amltrain {

/// The points of one line: a JSON object as of parse_metric_point(), or words NAME=NUMBER between blanks, of
/// which step, epoch and rank (whole numbers) belong to all others: "train_loss=0.3 train_acc=0.9 step=7".
/// None when the line is anything else, or any word of it is.
std::vector<MetricPoint> parse_metric_line(std::string_view line);

}  // namespace amltrain
