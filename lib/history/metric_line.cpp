#include "history/metric_line.hpp"

#include <charconv>
#include <optional>

#include "support/error.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kBlanks = " \t\r";

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Words {
  std::vector<MetricPoint> points;
  std::optional<std::int64_t> step, epoch;
  int rank = 0;

  /// False for a word that is no NAME=NUMBER.
  bool take(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    const std::string_view name = word.substr(0, equals), value = word.substr(equals + 1);
    if (name == "step") return (step = parse_whole<std::int64_t>(value)).has_value();
    if (name == "epoch") return (epoch = parse_whole<std::int64_t>(value)).has_value();
    if (name == "rank") {
      const auto given = parse_whole<int>(value);
      rank = given.value_or(0);
      return given.has_value();
    }
    const auto number = parse_whole<double>(value);
    if (number)
      points.push_back({.time = {}, .name = std::string(name), .value = *number, .step = {}, .epoch = {}});
    return number.has_value();
  }
};

std::vector<MetricPoint> parse_words(std::string_view line) {
  Words words;
  for (std::size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos;
       at = line.find_first_not_of(kBlanks, at)) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    if (!words.take(line.substr(at, end - at))) return {};
    at = end;
  }
  const Time time = now();
  for (MetricPoint& point : words.points) {
    point.time = time;
    point.step = words.step;
    point.epoch = words.epoch;
    point.rank = words.rank;
  }
  return std::move(words.points);
}

}  // namespace

std::vector<MetricPoint> parse_metric_line(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  if (line[first] != '{') return parse_words(line);
  try {
    const json parsed = json::parse(line, nullptr, false);
    if (parsed.is_object()) return {parse_metric_point(parsed)};
  } catch (const Error&) {  // any script may write here: what is no metric must not hide what is one
  }
  return {};
}

}  // namespace amltrain
