#include "metrics_view.hpp"

#include <array>
#include <cstdio>

#include "table.hpp"

namespace amltrain::cli {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string or_empty(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "";
}

}  // namespace

void MetricTable::add(const MetricPoint& point) {
  names_.insert(point.name);
  (point.epoch ? epochs_[*point.epoch] : without_epoch_)[point.name] = point.value;
  if (point.epoch) return;
  if (point.step)
    add_step(point);
  else
    without_either_[point.name] = point.value;
}

void MetricTable::add_step(const MetricPoint& point) {
  if (steps_.size() == most_steps_ && *point.step < steps_.begin()->first) {
    ++left_out_;
    return;
  }
  Step& step = steps_[*point.step];
  step.values[point.name] = point.value;
  ++step.points;
  if (steps_.size() <= most_steps_) return;
  left_out_ += steps_.begin()->second.points;
  steps_.erase(steps_.begin());
}

void MetricTable::print(std::ostream& out) const {
  std::vector<std::string> header{by_step() ? "STEP" : "EPOCH"};
  header.insert(header.end(), names_.begin(), names_.end());
  Table table(header);
  const auto add_row = [&](const std::string& title, const Values& values) {
    if (values.empty()) return;
    std::vector<std::string> row{title};
    for (const std::string& name : names_) {
      const auto value = values.find(name);
      row.push_back(value == values.end() ? "" : short_number(value->second));
    }
    table.row(row);
  };
  if (by_step())
    for (const auto& [number, step] : steps_) add_row(std::to_string(number), step.values);
  for (const auto& [number, values] : epochs_) add_row(std::to_string(number), values);
  add_row("-", by_step() ? without_either_ : without_epoch_);
  table.print(out);
}

std::string describe_skipped(const SkippedLines& skipped) {
  const bool one = skipped.lines == 1;
  return std::to_string(skipped.lines) + (one ? " line" : " lines") +
         " written as metrics not understood, or not wholly" + (one ? ": " : ", the first: ") + skipped.first;
}

std::string to_csv(const MetricPoint& point) {
  std::array<char, 40> value{};
  std::snprintf(value.data(), value.size(), "%.17g", point.value);
  return (point.time ? to_iso8601(*point.time) : "") + ',' + csv_field(point.name) + ',' + value.data() +
         ',' + or_empty(point.step) + ',' + or_empty(point.epoch) + ',' + std::to_string(point.rank);
}

}  // namespace amltrain::cli
