// Typed JSON documents: every stored document carries "schema": "amltrain.KIND/1".
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace amltrain {

using json = nlohmann::ordered_json;

/// JSON is UTF-8; names of files, logs and words of a command line may be any bytes.
bool is_utf8(std::string_view text);
/// `text` with U+FFFD in place of what is no UTF-8.
std::string as_utf8(std::string_view text);

/// `document` as it is recorded. Throws Error{bad_input} with the field that is no UTF-8.
std::string recorded_text(const json& document, int indent = -1);

/// Parses `text`. Throws Error{bad_input} naming `origin` and the byte offset, or when it is nested too
/// deeply.
json parse_json(std::string_view text, const std::string& origin);

/// Reads a document of the store and checks its schema and seal (support/sealed.hpp). Throws Error{bad_input}
/// when it has another kind or version, or is damaged.
json read_document(const std::filesystem::path& path, std::string_view schema);

/// Throws Error{bad_input} unless document["schema"] == schema.
void require_schema(const json& document, std::string_view schema, const std::string& origin);

/// The field of `object` as T. Throws Error{bad_input} with the field's name when absent, of another type, or
/// a number that T does not hold.
template <typename T>
T field(const json& object, const char* name);

/// As field(), with a value for an absent or null one.
template <typename T>
T field_or(const json& object, const char* name, T fallback) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return fallback;
  return field<T>(object, name);
}

/// As field(); absent when the field is absent or null.
template <typename T>
std::optional<T> optional_field(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  return field<T>(object, name);
}

[[noreturn]] void throw_bad_field(const json& object, const char* name, const char* reason);

/// nlohmann would cast it, whatever the number is.
template <typename T>
bool holds(const json& number) {
  if (number.is_number_unsigned()) return std::in_range<T>(number.get<std::uint64_t>());
  return number.is_number_integer() && std::in_range<T>(number.get<std::int64_t>());
}

template <typename T>
T field(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (found == object.end()) throw_bad_field(object, name, "is missing");
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
    if (found->is_number() && !holds<T>(*found))
      throw_bad_field(object, name, "is no number that can be here");
  try {
    return found->template get<T>();
  } catch (const nlohmann::json::exception& problem) {
    throw_bad_field(object, name, problem.what());
  }
}

/// Calls `visit(json)` for each whole line of a JSON-lines file; a torn last line is skipped. An absent file
/// has no lines. `from` is the offset to start at; returns the offset after the last whole line.
template <typename Visit>
std::uint64_t for_each_json_line(const std::filesystem::path& path, Visit&& visit, std::uint64_t from = 0);

/// The whole lines after `from`, and where they end.
struct LinesRead {
  std::string text;  // whole lines, each with its '\n'
  std::uint64_t end;
};
LinesRead read_whole_lines(const std::filesystem::path& path, std::uint64_t from);

template <typename Visit>
std::uint64_t for_each_json_line(const std::filesystem::path& path, Visit&& visit, std::uint64_t from) {
  const LinesRead lines = read_whole_lines(path, from);
  for (std::size_t start = 0; start < lines.text.size();) {
    const std::size_t end = lines.text.find('\n', start);
    // A torn line that a later append ended is not JSON: skipped, as the reader of the torn file skipped it.
    json line = json::parse(lines.text.begin() + static_cast<std::ptrdiff_t>(start),
                            lines.text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!line.is_discarded()) visit(line);
    start = end + 1;
  }
  return lines.end;
}

}  // namespace amltrain
