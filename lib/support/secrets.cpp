#include "support/secrets.hpp"

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

}  // namespace

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
