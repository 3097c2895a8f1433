#include "metrics_view.hpp"

#include <array>
#include <cstdio>
#include <limits>

#include "table.hpp"

namespace amltrain::cli {
namespace {

constexpr auto kNoEpoch = std::numeric_limits<std::int64_t>::max();

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

void EpochTable::add(const MetricPoint& point) {
  names_.insert(point.name);
  epochs_[point.epoch.value_or(kNoEpoch)][point.name] = point.value;
}

void EpochTable::print(std::ostream& out) const {
  std::vector<std::string> header{"EPOCH"};
  header.insert(header.end(), names_.begin(), names_.end());
  Table table(header);
  for (const auto& [epoch, values] : epochs_) {
    std::vector<std::string> row{epoch == kNoEpoch ? "-" : std::to_string(epoch)};
    for (const std::string& name : names_) {
      const auto value = values.find(name);
      row.push_back(value == values.end() ? "" : short_number(value->second));
    }
    table.row(row);
  }
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
  return to_iso8601(point.time) + ',' + csv_field(point.name) + ',' + value.data() + ',' +
         or_empty(point.step) + ',' + or_empty(point.epoch) + ',' + std::to_string(point.rank);
}

}  // namespace amltrain::cli
