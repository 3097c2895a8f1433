#include "history/metric_line.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include "support/error.hpp"

namespace amltrain {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || problem == std::errc::invalid_argument) return std::nullopt;
  // from_chars() does not say on which side the number is out of range: 1e400 is inf, 1e-400 is 0.
  if (problem == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  return value;
}

std::optional<double> parse_number(const json& in) {
  if (in.is_number()) return in.get<double>();
  if (in.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (in.is_string()) return parse_number(std::string_view(in.get_ref<const std::string&>()));
  return std::nullopt;
}

std::optional<std::int64_t> whole(std::optional<double> number) {
  constexpr double kEnd = 9223372036854775808.0;  // 2^63: what is below fits
  if (!number || !(*number >= -kEnd && *number < kEnd) || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

/// 3.0 is a step as well: many a framework counts in floating point.
std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc() && end == text.data() + text.size()) return value;
  return whole(parse_number(text));
}

std::optional<std::int64_t> parse_whole(const json& in) {
  if (in.is_number_unsigned() && in.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  if (in.is_number_integer()) return in.get<std::int64_t>();
  if (in.is_string()) return parse_whole(std::string_view(in.get_ref<const std::string&>()));
  return in.is_number() ? whole(in.get<double>()) : std::nullopt;
}

/// The numbers of a line, and what belongs to all of them.
class Numbers {
 public:
  /// `Value` is text or JSON.
  template <typename Value>
  void take(std::string_view name, const Value& value) {
    if (name == "step") return place(step_, parse_whole(value));
    if (name == "epoch") return place(epoch_, parse_whole(value));
    if (name == "rank") {
      std::optional<std::int64_t> given = parse_whole(value);
      if (given && !std::in_range<int>(*given)) given.reset();
      return place(rank_, given);
    }
    const std::optional<double> number = name.empty() ? std::nullopt : parse_number(value);
    if (!number) return refuse();
    line_.points.push_back(
        {.time = {}, .name = std::string(name), .value = *number, .step = {}, .epoch = {}});
  }

  void refuse() { line_.understood = false; }

  MetricLine finish(std::optional<Time> time = {}) {
    if (line_.points.empty()) {
      refuse();  // a step of nothing, say
      return std::move(line_);
    }
    for (MetricPoint& point : line_.points) {
      point.time = time;
      point.step = step_;
      point.epoch = epoch_;
      point.rank = static_cast<int>(rank_.value_or(0));
    }
    return std::move(line_);
  }

 private:
  void place(std::optional<std::int64_t>& place, std::optional<std::int64_t> given) {
    place = given;
    if (!given) refuse();
  }

  MetricLine line_;
  std::optional<std::int64_t> step_, epoch_, rank_;
};

MetricLine parse_words(std::string_view line) {
  Numbers numbers;
  for (std::size_t at = line.find_first_not_of(kBlanks); at != std::string_view::npos;
       at = line.find_first_not_of(kBlanks, at)) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    const std::string_view word = line.substr(at, end - at);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      numbers.refuse();
    } else {
      numbers.take(word.substr(0, equals), word.substr(equals + 1));
    }
    at = end;
  }
  return numbers.finish();
}

/// The words that Python's json writes for numbers that JSON lacks, as texts; what is in quotes stays.
std::string with_quoted_words(std::string_view text) {
  std::string out;
  bool in_text = false;
  for (std::size_t at = 0; at < text.size();) {
    if (!in_text) {
      std::string_view word;
      for (const std::string_view known : {"NaN", "Infinity", "-Infinity"})
        if (text.substr(at).starts_with(known)) word = known;
      if (!word.empty()) {
        out.append("\"").append(word).append("\"");
        at += word.size();
        continue;
      }
    }
    if (in_text && text[at] == '\\' && at + 1 < text.size())
      out += text[at++];
    else if (text[at] == '"')
      in_text = !in_text;
    out += text[at++];
  }
  return out;
}

std::optional<Time> parse_time(const json& in) try {
  return parse_iso8601(in.get_ref<const std::string&>());
} catch (const Error&) {
  return std::nullopt;
}

MetricLine parse_object(const json& object) {
  const auto name = object.find("name"), value = object.find("value");
  const bool named = name != object.end() && name->is_string() && value != object.end();
  Numbers numbers;
  std::optional<Time> time;
  for (const auto& [key, content] : object.items()) {
    const bool of_all = key == "step" || key == "epoch" || key == "rank";
    if (key == "time" && (content.is_string() || content.is_null())) {
      if (content.is_null()) continue;
      time = parse_time(content);
      if (!time) numbers.refuse();
    } else if (of_all ? !content.is_null() : !named) {
      numbers.take(key, content);
    }
  }
  if (named) numbers.take(name->get_ref<const std::string&>(), *value);
  return numbers.finish(time);
}

MetricLine parse_json_line(std::string_view line) {
  json parsed = json::parse(line, nullptr, false);
  if (parsed.is_discarded()) parsed = json::parse(with_quoted_words(line), nullptr, false);
  if (!parsed.is_object()) return {{}, false};
  return parse_object(parsed);
}

}  // namespace

MetricLine parse_metric_line(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return line[first] == '{' ? parse_json_line(line) : parse_words(line);
}

}  // namespace amltrain
