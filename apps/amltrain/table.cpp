#include "table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <string_view>

#include "support/text.hpp"

namespace amltrain::cli {
namespace {

void append_padded(std::string& line, std::string_view text, std::size_t used, std::size_t width) {
  line.append(text).append(width - used + 2, ' ');
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

std::size_t display_width(std::string_view text) {
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

void Table::add(std::string_view cell) {
  const std::size_t begin = text_.size();
  append_printable(text_, cell);
  const std::string_view added = std::string_view(text_).substr(begin);
  const std::size_t width = display_width(added);
  std::size_t& widest = widths_[cells_.size() % widths_.size()];
  widest = std::max(widest, width);
  cells_.push_back({static_cast<std::uint32_t>(added.size()), static_cast<std::uint32_t>(width)});
}
void Table::fill() {
  while (cells_.size() % widths_.size() != 0) add("");
}
void Table::row(std::initializer_list<std::string_view> cells) {
  for (const std::string_view cell : cells) add(cell);
  fill();
}
void Table::row(const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) add(cell);
  fill();
}

void Fields::add(const std::string& name, const std::string& value) {
  fields_.emplace_back(printable(name), value);
}

void Table::print(std::ostream& out) const {
  constexpr std::size_t kPiece = 32768;  // of the output: a line at a time costs as many calls
  const std::string_view text = text_;
  std::string lines;
  std::size_t column = 0, begin = 0;
  for (const Cell& cell : cells_) {
    append_padded(lines, text.substr(begin, cell.bytes), cell.width, widths_[column]);
    begin += cell.bytes;
    if (++column < widths_.size()) continue;
    column = 0;
    lines.erase(lines.find_last_not_of(' ') + 1);
    lines += '\n';
    if (lines.size() < kPiece) continue;
    out << lines;
    lines.clear();
  }
  out << lines;
}

void Fields::print(std::ostream& out) const {
  std::size_t width = 0;
  for (const auto& [name, value] : fields_) width = std::max(width, display_width(name));
  for (const auto& [name, value] : fields_) {
    if (value.empty()) continue;
    std::string start;
    append_padded(start, name, display_width(name), width);
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
