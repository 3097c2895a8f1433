#include "support/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace amltrain {
namespace {

constexpr std::string_view kSchemeEnd = "://", kEndsAuthority = "/?# \t\r\n\"'<>";

bool is_hidden(std::string_view word) { return word.empty() || word.front() == '$'; }

/// `user` is what stands before the '@' (RFC 3986, 3.2.1: userinfo).
bool is_password(std::string_view scheme, std::string_view user) {
  const std::size_t colon = user.find(':');
  if (colon != std::string_view::npos) return !is_hidden(user.substr(colon + 1));
  return user != "git" && !scheme.ends_with("ssh") && !is_hidden(user);
}

bool has_signature(std::string_view text, std::string_view parameter) {
  for (std::size_t at = 0; (at = text.find(parameter, at)) != std::string_view::npos;) {
    at += parameter.size();
    if (at < text.size() && text[at] != '$' && text[at] != '&') return true;
  }
  return false;
}

/// Also as the end of a longer word. Not TOKENS and KEYS, which are counted more often than kept.
constexpr std::array<std::string_view, 12> kEndings{
    "TOKEN",  "KEY",        "SECRET",     "SECRETS",     "PASSWORD",         "PASSWORDS",
    "PASSWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS", "CONNECTIONSTRING", "CONNSTR"};
constexpr std::array<std::string_view, 4> kWords{"SAS", "PAT", "PWD", "PASS"};

/// In capitals.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    if (std::isalnum(byte) != 0)
      words.back() += static_cast<char>(std::toupper(byte));
    else
      words.emplace_back();
  }
  return words;
}

bool is_word_of_secret(const std::string& word) {
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end() ||
         std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

}  // namespace

bool is_name_of_secret(std::string_view name) {
  if (name == "PWD" || name == "OLDPWD") return false;  // of every shell: its folder
  const std::vector<std::string> words = words_of(name);
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if ((words[i] == "CONNECTION" || words[i] == "CONN") &&
        (words[i + 1] == "STRING" || words[i + 1] == "STR"))
      return true;
  return std::any_of(words.begin(), words.end(), is_word_of_secret);
}

bool holds_password(std::string_view text) {
  for (std::size_t at = 0; (at = text.find(kSchemeEnd, at)) != std::string_view::npos;) {
    const std::string_view scheme = text.substr(0, at);
    at += kSchemeEnd.size();
    std::string_view authority = text.substr(at);
    authority = authority.substr(0, authority.find_first_of(kEndsAuthority));
    const std::size_t sign = authority.rfind('@');
    if (sign != std::string_view::npos && is_password(scheme, authority.substr(0, sign))) return true;
  }
  return has_signature(text, "?sig=") || has_signature(text, "&sig=");
}

}  // namespace amltrain
