#include "support/clock.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "support/error.hpp"

namespace amltrain {
namespace {

/// The unsigned number that is the whole of `text`.
std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = problem == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_fraction(std::string_view text) {
  if (text.empty()) return std::chrono::milliseconds(0);
  if (text.size() < 2 || text.size() > 10 || text.front() != '.') return std::nullopt;
  if (!digits(text.substr(1))) return std::nullopt;
  std::string millis(text.substr(1, 3));
  millis.resize(3, '0');
  return std::chrono::milliseconds(*digits(millis));
}

/// Writes the number's last `Width` digits.
template <int Width>
void put_digits(char* at, std::int64_t value) {
  for (int i = Width - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

Time now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string to_iso8601(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  // By hand: a list writes ten thousand of them, and snprintf takes a microsecond for each.
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits<4>(&text[0], std::clamp(static_cast<int>(date.year()), 0, 9999));
  put_digits<2>(&text[5], static_cast<unsigned>(date.month()));
  put_digits<2>(&text[8], static_cast<unsigned>(date.day()));
  put_digits<2>(&text[11], clock.hours().count());
  put_digits<2>(&text[14], clock.minutes().count());
  put_digits<2>(&text[17], clock.seconds().count());
  put_digits<3>(&text[20], clock.subseconds().count());
  return text;
}

Time parse_iso8601(std::string_view text) {
  const auto refuse = [&]() -> Error {
    return {category::bad_input, "'" + std::string(text) + "' is not a UTC time in ISO 8601",
            "write it as 2026-11-24T09:30:00Z"};
  };
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() < kForm.size() + 1 || text.back() != 'Z') throw refuse();
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) throw refuse();
  }
  const auto number = [&](std::size_t at, std::size_t length) {
    return static_cast<int>(*digits(text.substr(at, length)));
  };
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const int hours = number(11, 2), minutes = number(14, 2), seconds = number(17, 2);
  const auto fraction = parse_fraction(text.substr(kForm.size(), text.size() - kForm.size() - 1));
  if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59 || !fraction) throw refuse();
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds) + *fraction;
}

std::chrono::seconds parse_duration(std::string_view text) {
  std::int64_t unit = 1;
  std::string_view number = text;
  if (!text.empty() && (text.back() < '0' || text.back() > '9')) {
    constexpr std::string_view kUnits = "smhd";
    constexpr std::int64_t kSeconds[] = {1, 60, 3600, 86400};
    const std::size_t found = kUnits.find(text.back());
    unit = found == std::string_view::npos ? 0 : kSeconds[found];
    number.remove_suffix(1);
  }
  // A century: a deadline that far still fits a clock that counts nanoseconds in 64 bits.
  constexpr std::int64_t kLongest = 36500LL * 86400;
  const auto count = number.empty() ? std::nullopt : digits(number);
  if (unit == 0 || !count || *count > kLongest / unit)
    throw Error(category::bad_input, "'" + std::string(text) + "' is not a duration",
                "write a whole number with a unit: 90s, 20m, 2h or 1d");
  return std::chrono::seconds(*count * unit);
}

}  // namespace amltrain
