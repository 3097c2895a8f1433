// Files that hold secrets, told by their names and by what stands in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace amltrain {

/// What a file of this path is likely to be ("a file of credentials", ...); absent for any other.
std::optional<std::string> secret_by_name(std::string_view path);

/// What the text holds: a private key (PEM, OpenSSH, PuTTY), or a token whose shape its issuer publishes
/// (AWS, GitHub, GitLab, Google, Hugging Face, npm, OpenAI, PyPI, Slack). The secret itself is never part of
/// it.
std::optional<std::string> secret_in_text(std::string_view text);

/// Longer files are not looked through: keys and settings are short.
constexpr std::size_t kLongestSearched = std::size_t{1} << 20;

}  // namespace amltrain
