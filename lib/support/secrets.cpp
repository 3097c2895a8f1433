#include "support/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace amltrain {
namespace {

constexpr std::string_view kSchemeEnd = "://", kEndsAuthority = "/?# \t\r\n\"'<>", kEndsUrl = " \t\r\n\"'<>";

bool is_hidden(std::string_view word) { return word.empty() || word.front() == '$' || word == kMasked; }

/// `user` is what stands before the '@' (RFC 3986, 3.2.1: userinfo).
bool is_password(std::string_view scheme, std::string_view user) {
  const std::size_t colon = user.find(':');
  if (colon != std::string_view::npos) return !is_hidden(user.substr(colon + 1));
  return user != "git" && !scheme.ends_with("ssh") && !is_hidden(user);
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

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return small;
}

bool is_name_of_signature(std::string_view parameter) {
  const std::string name = in_small_letters(parameter);
  return name == "sig" || name.ends_with("signature");
}

/// Of a shared access signature or a presigned URL: who signs, what for, until when.
bool goes_with_signature(std::string_view parameter) {
  constexpr std::array<std::string_view, 8> kOthers{"se", "sp", "sv", "st", "sr", "spr", "expires", "policy"};
  const std::string name = in_small_letters(parameter);
  return name.starts_with("x-amz-") || name.starts_with("x-goog-") ||
         std::find(kOthers.begin(), kOthers.end(), name) != kOthers.end();
}

struct Parameter {
  std::string_view name, value;
  bool has_value;
};

std::vector<Parameter> parameters_of(std::string_view query) {
  std::vector<Parameter> parameters;
  while (true) {
    const std::size_t end = query.find('&');
    const std::string_view one = query.substr(0, end);
    const std::size_t equals = one.find('=');
    const bool has_value = equals != std::string_view::npos;
    parameters.push_back({one.substr(0, equals), has_value ? one.substr(equals + 1) : "", has_value});
    if (end == std::string_view::npos) return parameters;
    query.remove_prefix(end + 1);
  }
}

std::string query_without_secrets(std::string_view query) {
  const std::vector<Parameter> parameters = parameters_of(query);
  const bool is_signed = std::any_of(parameters.begin(), parameters.end(), [](const Parameter& one) {
    return is_name_of_signature(one.name) && (!is_hidden(one.value) || one.value == kMasked);
  });
  std::string shown;
  for (const Parameter& one : parameters) {
    if (&one != &parameters.front()) shown += '&';
    const bool secret = is_name_of_signature(one.name) || is_name_of_secret(one.name) ||
                        (is_signed && goes_with_signature(one.name));
    shown += one.name;
    if (one.has_value) shown.append("=").append(secret && !is_hidden(one.value) ? kMasked : one.value);
  }
  return shown;
}

/// The part of a text that a URL with "://" at `at` takes.
std::string_view url_around(std::string_view text, std::size_t at) {
  const std::size_t before = text.substr(0, at).find_last_of(kEndsUrl);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, text.find_first_of(kEndsUrl, at) - begin);
}

/// A shared access signature may stand alone.
bool holds_signature(std::string_view text) {
  for (const std::string_view parameter : {"?sig=", "&sig="})
    for (std::size_t at = 0; (at = text.find(parameter, at)) != std::string_view::npos;) {
      at += parameter.size();
      const std::string_view value = text.substr(at, text.find_first_of("& \t\r\n\"'<>", at) - at);
      if (!is_hidden(value)) return true;
    }
  return false;
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

std::string without_secrets(std::string_view url) {
  const std::size_t scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return std::string(url);
  const std::size_t begin = scheme_end + kSchemeEnd.size();
  const std::size_t end = std::min(url.find_first_of(kEndsAuthority, begin), url.size());
  std::string shown(url.substr(0, begin));
  std::string_view authority = url.substr(begin, end - begin);
  const std::size_t sign = authority.rfind('@');
  if (sign != std::string_view::npos && is_password(url.substr(0, scheme_end), authority.substr(0, sign))) {
    shown += kMasked;
    authority.remove_prefix(sign);
  }
  shown += authority;
  const std::size_t fragment = std::min(url.find('#', end), url.size());
  const std::size_t question = url.substr(0, fragment).find('?', end);
  if (question == std::string_view::npos) return shown.append(url.substr(end));
  shown += url.substr(end, question + 1 - end);
  shown += query_without_secrets(url.substr(question + 1, fragment - question - 1));
  return shown.append(url.substr(fragment));
}

bool holds_password(std::string_view text) {
  for (std::size_t at = 0; (at = text.find(kSchemeEnd, at)) != std::string_view::npos;
       at += kSchemeEnd.size()) {
    const std::string_view url = url_around(text, at);
    if (without_secrets(url) != url) return true;
  }
  return holds_signature(text);
}

}  // namespace amltrain
