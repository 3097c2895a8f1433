// What a script may write into its metrics file.
#pragma once

#include <string_view>
#include <vector>

#include "history/metrics.hpp"

namespace amltrain {

struct MetricLine {
  std::vector<MetricPoint> points;
  bool understood = true;  // false when any part of the line is no metric; the other parts count all the same
};

/// One line, in any of these forms:
/// - a JSON object with `name` and `value`: {"name": "acc", "value": 0.9, "step": 7};
/// - any other JSON object, of names and numbers: {"acc": 0.9, "step": 7};
/// - words NAME=NUMBER between blanks: train_loss=0.3 train_acc=0.9 step=7.
/// step, epoch and rank (whole numbers), and in JSON a text `time`, are none themselves and belong to all
/// others. A number may be NaN (in JSON also null) or an infinity, and in JSON a text that is one. An empty
/// line is understood.
MetricLine parse_metric_line(std::string_view line);

}  // namespace amltrain
