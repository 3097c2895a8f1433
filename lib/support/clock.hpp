// Wall time as the store writes it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace amltrain {

using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

Time now();
std::string to_iso8601(Time time);          // 2026-11-24T09:30:00.123Z
Time parse_iso8601(std::string_view text);  // throws Error{bad_input}

/// "90", "90s", "20m", "2h", "1d" as seconds. Throws Error{bad_input}.
std::chrono::seconds parse_duration(std::string_view text);

}  // namespace amltrain
