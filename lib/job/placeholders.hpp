// ${{inputs.NAME}} and ${{outputs.NAME}} in a command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amltrain {

/// How a shell reads the text at some place of a command.
enum class Quoting { none, single_quotes, double_quotes };

struct Placeholder {
  std::size_t begin, end;  // of the command's bytes, braces included
  std::string name;        // "inputs.data"
  Quoting quoting;
};

/// In order. A backslash outside single quotes keeps what follows it as it is. Throws Error{bad_input} for
/// "${{" that does not end or holds no name.
std::vector<Placeholder> find_placeholders(std::string_view command);

/// What NAME can be: letters, digits and '_', first a letter or '_'.
bool is_placeholder_name(std::string_view name);

/// As split_plain_words(), with each placeholder kept as "${{NAME}}".
std::optional<std::vector<std::string>> split_with_placeholders(std::string_view command);
/// The way back: words quoted where they need it, around their placeholders.
std::string join_with_placeholders(const std::vector<std::string>& words);

}  // namespace amltrain
