// Lines that a script wrote as its metrics.
#include "history/metric_line.hpp"
#include "input.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  for (const MetricPoint& point : parse_metric_line(input.text()).points) {
    fuzz::require(!point.name.empty(), "a metric has a name");
    const std::string stored = json(point).dump(-1, ' ', false, json::error_handler_t::replace);
    const std::vector<MetricPoint> again = parse_metric_line(stored).points;
    fuzz::require(again.size() == 1 && again[0].step == point.step && again[0].epoch == point.epoch,
                  "a point that was read is one when stored and read again");
  }
}
