#include "support/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

namespace amltrain {
namespace {

constexpr std::string_view kSchemeEnd = "://";
constexpr std::string_view kEndsUrl = " \t\r\n\"<>";  // in a text; a quote ' may be part of a password

/// What a word that begins with '$' is: in a text that somebody expands the name of a variable.
enum class Dollar { letter, name };

bool is_hidden(std::string_view word, Dollar dollar) {
  return word.empty() || word == kMasked || (dollar == Dollar::name && word.front() == '$');
}

/// The parts of a URL (RFC 3986, 3), which make it up again in this order.
struct UrlParts {
  std::string_view scheme;                // with "://"
  std::string_view user;                  // what stands before '@'
  std::string_view host_and_path;         // with '@', when there is one, up to the query
  std::optional<std::string_view> query;  // without '?'
  std::string_view fragment;              // with '#'
};

/// Absent when it is none.
std::optional<UrlParts> parts_of(std::string_view url) {
  const std::size_t scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return std::nullopt;
  UrlParts parts;
  parts.scheme = url.substr(0, scheme_end + kSchemeEnd.size());
  url.remove_prefix(parts.scheme.size());
  const std::size_t fragment = std::min(url.find('#'), url.size());
  parts.fragment = url.substr(fragment);
  url = url.substr(0, fragment);
  const std::size_t question = url.find('?');
  if (question != std::string_view::npos) parts.query = url.substr(question + 1);
  url = url.substr(0, question);
  const std::size_t sign = url.substr(0, url.find('/')).rfind('@');
  if (sign != std::string_view::npos) parts.user = url.substr(0, sign);
  parts.host_and_path = url.substr(parts.user.size());
  return parts;
}

bool holds_secret_user(const UrlParts& parts, Dollar dollar) {
  const std::size_t colon = parts.user.find(':');
  if (colon != std::string_view::npos) return !is_hidden(parts.user.substr(colon + 1), dollar);
  const std::string_view scheme = parts.scheme.substr(0, parts.scheme.size() - kSchemeEnd.size());
  return parts.user != "git" && !scheme.ends_with("ssh") && !is_hidden(parts.user, dollar);
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
  std::string_view separator;  // behind it
};

std::vector<Parameter> parameters_of(std::string_view query) {
  std::vector<Parameter> parameters;
  while (true) {
    const std::size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view one = query.substr(0, end);
    const std::size_t equals = one.find('=');
    const bool has_value = equals != std::string_view::npos;
    parameters.push_back(
        {one.substr(0, equals), has_value ? one.substr(equals + 1) : "", has_value, query.substr(end, 1)});
    if (end == query.size()) return parameters;
    query.remove_prefix(end + 1);
  }
}

std::string query_without_secrets(std::string_view query, Dollar dollar) {
  const std::vector<Parameter> parameters = parameters_of(query);
  const bool is_signed = std::any_of(parameters.begin(), parameters.end(), [&](const Parameter& one) {
    return is_name_of_signature(one.name) && (!is_hidden(one.value, dollar) || one.value == kMasked);
  });
  std::string shown;
  for (const Parameter& one : parameters) {
    const bool secret = is_name_of_signature(one.name) || is_name_of_secret(one.name) ||
                        (is_signed && goes_with_signature(one.name));
    shown += one.name;
    if (one.has_value)
      shown.append("=").append(secret && !is_hidden(one.value, dollar) ? kMasked : one.value);
    shown += one.separator;
  }
  return shown;
}

std::string masked(std::string_view url, Dollar dollar) {
  const auto parts = parts_of(url);
  if (!parts) return std::string(url);
  std::string shown(parts->scheme);
  shown += holds_secret_user(*parts, dollar) ? kMasked : parts->user;
  shown += parts->host_and_path;
  if (parts->query) shown.append("?").append(query_without_secrets(*parts->query, dollar));
  return shown.append(parts->fragment);
}

/// The part of a text that a URL with "://" at `at` takes.
std::string_view url_around(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  const auto is_of_scheme = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '+' || letter == '-' ||
           letter == '.';
  };
  while (begin > 0 && is_of_scheme(text[begin - 1])) --begin;
  return text.substr(begin, text.find_first_of(kEndsUrl, at) - begin);
}

/// A shared access signature may stand alone.
bool holds_signature(std::string_view text) {
  for (const std::string_view parameter : {"?sig=", "&sig="})
    for (std::size_t at = 0; (at = text.find(parameter, at)) != std::string_view::npos;) {
      at += parameter.size();
      const std::string_view value = text.substr(at, text.find_first_of("& \t\r\n\"'<>", at) - at);
      if (!is_hidden(value, Dollar::name)) return true;
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

std::string without_secrets(std::string_view url) { return masked(url, Dollar::letter); }

bool lacks_secrets(std::string_view url) {
  const auto parts = parts_of(url);
  if (!parts) return false;
  if (parts->user == kMasked) return true;
  if (!parts->query) return false;
  const std::vector<Parameter> parameters = parameters_of(*parts->query);
  return std::any_of(parameters.begin(), parameters.end(),
                     [](const Parameter& one) { return one.value == kMasked; });
}

bool holds_password(std::string_view text) {
  for (std::size_t at = 0; (at = text.find(kSchemeEnd, at)) != std::string_view::npos;
       at += kSchemeEnd.size()) {
    const std::string_view url = url_around(text, at);
    if (masked(url, Dollar::name) != url) return true;
  }
  return holds_signature(text);
}

}  // namespace amltrain
