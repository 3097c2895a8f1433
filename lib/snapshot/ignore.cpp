#include "snapshot/ignore.hpp"

#include <algorithm>

namespace amltrain {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kWildcardBytes = "*?[\\";

/// Without blanks at the end, but for one that a backslash keeps.
std::string_view without_trailing_blanks(std::string_view line) {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ' ') continue;
    if (line[at] == '\\') ++at;
    kept = std::min(at + 1, line.size());
  }
  return line.substr(0, kept);
}

}  // namespace

IgnoreFile::IgnoreFile(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with('#')) add_line(without_trailing_blanks(line));
  }
}

void IgnoreFile::add_line(std::string_view line) {
  if (line.empty()) return;
  const bool negated = line.starts_with('!');
  if (negated) line.remove_prefix(1);
  const bool folders_only = line.ends_with('/');
  if (folders_only) line.remove_suffix(1);
  const bool by_name = line.find('/') == std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  const std::size_t literal = std::min(line.find_first_of(kWildcardBytes), line.size());
  const bool has_wildcard = literal < line.size();
  const Verdict verdict = !negated ? Verdict::ignored : has_wildcard ? Verdict::included : Verdict::named;
  patterns_.push_back({verdict, folders_only, by_name, std::string(line.substr(0, literal)), has_wildcard,
                       // Git too matches what is behind the literal part by itself: "a**/b" takes "ab".
                       Wildcard(line.substr(by_name ? 0 : literal))});
}

std::optional<Verdict> IgnoreFile::verdict(std::string_view path, EntryKind kind) const {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // of npos + 1 is 0
  const auto matches = [&](const Pattern& pattern) {
    if (pattern.folders_only && kind != EntryKind::folder) return false;
    const std::string_view whole = pattern.by_name ? name : path;
    if (!pattern.has_wildcard) return whole == pattern.literal;
    if (!whole.starts_with(pattern.literal)) return false;
    return pattern.rest.matches(pattern.by_name ? whole : whole.substr(pattern.literal.size()));
  };
  const auto last = std::find_if(patterns_.rbegin(), patterns_.rend(), matches);
  if (last == patterns_.rend()) return std::nullopt;
  return last->verdict;
}

}  // namespace amltrain
