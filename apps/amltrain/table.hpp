// Text for people: aligned tables and name-value lists.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amltrain::cli {

/// Cells and values are printable() text: what strangers named must not steer a terminal.
/// Columns as wide as their widest cell, two blanks apart; no trailing blanks.
class Table {
 public:
  explicit Table(std::initializer_list<std::string_view> header) : widths_(header.size(), 0) { row(header); }
  explicit Table(const std::vector<std::string>& header) : widths_(header.size(), 0) { row(header); }
  /// At most as many cells as the header has; those that are missing are empty.
  void row(std::initializer_list<std::string_view> cells);
  void row(const std::vector<std::string>& cells);
  void print(std::ostream& out) const;

 private:
  struct Cell {
    std::uint32_t bytes, width;
  };
  void add(std::string_view cell);
  void fill();

  std::string text_;  // of all cells, one behind the other: a list has eighty thousand of them
  std::vector<Cell> cells_;
  std::vector<std::size_t> widths_;
};

/// "Name        value" lines; an empty value is left out, an empty name goes on with the field above. The
/// further lines of a value begin under its first.
class Fields {
 public:
  void add(const std::string& name, const std::string& value);
  void print(std::ostream& out) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Six significant digits, as printf's %.6g.
std::string short_number(double value);

/// At most `most` characters of `text`, with "..." where some are left out: from `from` on, or further ahead
/// where all to the end has room.
std::string excerpt(const std::string& text, std::size_t most, std::size_t from = 0);

/// Characters, not bytes, of UTF-8 text.
std::size_t display_width(std::string_view text);

}  // namespace amltrain::cli
