// Words for people: sizes, durations, near names, quoting.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amltrain {

std::string human_bytes(std::uint64_t bytes);                // "44.7 MiB"
std::string human_duration(std::chrono::milliseconds span);  // "3.2 s", "4 min 05 s", "2 h 10 min"

/// The candidate nearest to `name` when near enough to be a slip of the pen (Damerau-Levenshtein distance of
/// at most a third of its length); used in "did you mean" hints.
std::optional<std::string> closest(std::string_view name, std::span<const std::string> candidates);

/// `word` as POSIX sh reads it back; plain words stay as they are.
std::string shell_quote(std::string_view word);
/// Splits as POSIX sh does for words, quotes and backslashes alone. Absent when the text needs a shell
/// (operators, expansions, globs, comments). Throws Error{bad_input} for an open quote.
std::optional<std::vector<std::string>> split_plain_words(std::string_view text);

/// Control characters as \n or \x1b, so that a name from a stranger moves no cursor and begins no line. The
/// rest, UTF-8 or not, stays as it is.
std::string printable(std::string_view text);
void append_printable(std::string& out, std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);

/// fnmatch(3) with FNM_PATHNAME, where "**" spans folders.
bool glob_match(std::string_view pattern, std::string_view path);

/// Throws Error{bad_input} unless `name` can be a file name of the store: 1 to 128 of [A-Za-z0-9._-], first a
/// letter or digit. `kind` is for the message: "experiment", "compute target", "model", ...
void require_name(std::string_view kind, std::string_view name);

}  // namespace amltrain
