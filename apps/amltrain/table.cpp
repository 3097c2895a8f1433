#include "table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <string_view>

#include "support/text.hpp"

namespace amltrain::cli {
namespace {

void append_padded(std::string& line, const std::string& text, std::size_t width) {
  const std::size_t used = display_width(text);
  line.append(text).append(width - std::min(width, used), ' ').append("  ");
}

/// Of the character with that number.
std::size_t byte_of(const std::string& text, std::size_t character) {
  std::size_t byte = 0;
  for (; byte < text.size(); ++byte) {
    const bool begins = (text[byte] & 0xC0) != 0x80;
    if (begins && character-- == 0) break;
  }
  return byte;
}

}  // namespace

std::size_t display_width(const std::string& text) {
  // Continuation bytes of UTF-8 are 10xxxxxx.
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string excerpt(const std::string& text, std::size_t most, std::size_t from) {
  constexpr std::string_view kCut = "...";
  const std::size_t width = display_width(text);
  if (width <= most) return text;
  from = std::min(from, width - most + kCut.size());
  if (from <= kCut.size()) from = 0;
  std::size_t room = most - (from > 0 ? kCut.size() : 0);
  const bool to_the_end = from + room >= width;
  if (!to_the_end) room -= kCut.size();
  const std::size_t begin = byte_of(text, from), end = byte_of(text, from + room);
  std::string part = from > 0 ? std::string(kCut) : std::string();
  part += text.substr(begin, end - begin);
  return to_the_end ? part : part.append(kCut);
}

void Table::row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void Fields::add(std::string name, const std::string& value) { fields_.emplace_back(std::move(name), value); }

void Table::print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string line;
  for (const auto& row : rows_) {
    line.clear();
    for (std::size_t i = 0; i < row.size(); ++i) append_padded(line, row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

void Fields::print(std::ostream& out) const {
  std::size_t width = 0;
  for (const auto& [name, value] : fields_) width = std::max(width, display_width(name));
  for (const auto& [name, value] : fields_) {
    if (value.empty()) continue;
    std::string start;
    append_padded(start, name, width);
    std::istringstream lines(value);
    for (std::string line; std::getline(lines, line); start.assign(width + 2, ' '))
      out << (line.empty() ? "" : start + printable(line)) << '\n';
  }
}

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

}  // namespace amltrain::cli
