#include "support/text.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cstdio>

#include "support/error.hpp"

namespace amltrain {
namespace {

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[64];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

/// Damerau-Levenshtein distance in its restricted form (optimal string alignment): insertion, deletion,
/// substitution and the exchange of two neighbours cost 1 each.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last, last(right.size() + 1), current(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last.swap(current);
  }
  return last[right.size()];
}

std::vector<std::string> path_parts(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    parts.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return formatted("%.1f %s", value, kUnits[unit]);
}

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

void append_printable(std::string& out, std::string_view text) {
  bool any_odd = false;  // without a branch a byte: a list has eighty thousand cells
  for (const unsigned char byte : text)
    any_odd |= static_cast<bool>((byte < 0x20) | (byte == 0x7F) | (byte == 0xC2));
  if (!any_odd) {  // nearly always
    out += text;
    return;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, which some terminals obey too, are C2 80 to C2 9F.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xE0) == 0x80;
    if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += formatted("\\x%02x", byte);
    } else if (c1) {
      out += formatted("\\x%02x", static_cast<unsigned char>(text[++i]));
    } else {
      out += text[i];
    }
  }
}

std::string human_duration(std::chrono::milliseconds span) {
  const std::int64_t milliseconds = std::max<std::int64_t>(span.count(), 0);
  const std::int64_t tenths = (milliseconds + 50) / 100;
  if (tenths < 600) return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  const std::int64_t seconds = (milliseconds + 500) / 1000;
  if (seconds < 3600)
    return formatted("%d min %02d s", static_cast<int>(seconds / 60), static_cast<int>(seconds % 60));
  const std::int64_t minutes = (seconds + 30) / 60;
  return formatted("%lld h %02d min", static_cast<long long>(minutes / 60), static_cast<int>(minutes % 60));
}

std::optional<std::string> closest(std::string_view name, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t bound = name.size() / 3 + 1;  // below this
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= bound) continue;
    best = candidate;
    bound = distance;
  }
  return best;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

bool glob_match(std::string_view pattern, std::string_view path) {
  const std::vector<std::string> globs = path_parts(pattern), parts = path_parts(path);
  // reach[j]: the globs so far can match exactly the first j parts.
  std::vector<bool> reach(parts.size() + 1, false);
  reach[0] = true;
  for (std::size_t i = 0; i < globs.size(); ++i) {
    std::vector<bool> next(parts.size() + 1, false);
    if (globs[i] == "**") {
      const std::size_t least = i + 1 == globs.size() ? 1 : 0;  // "a/**" is what lies in a, not a itself
      bool open = false;
      for (std::size_t j = 0; j <= parts.size(); ++j) {
        if (j >= least && reach[j - least]) open = true;
        next[j] = open;
      }
    } else {
      for (std::size_t j = 0; j < parts.size(); ++j)
        next[j + 1] = reach[j] && fnmatch(globs[i].c_str(), parts[j].c_str(), FNM_PATHNAME) == 0;
    }
    reach.swap(next);
  }
  return reach[parts.size()];
}

void require_name(std::string_view kind, std::string_view name) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const bool good = !name.empty() && name.size() <= 128 && letter_or_digit(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return letter_or_digit(c) || c == '.' || c == '_' || c == '-';
                    });
  if (good) return;
  throw Error(category::bad_input, std::string(kind) + " name '" + std::string(name) + "' cannot be used",
              "use 1 to 128 letters, digits, '.', '_' or '-', with a letter or digit first");
}

}  // namespace amltrain
