#include "snapshot/secrets.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace amltrain {
namespace {

struct NamePattern {
  const char* glob;  // of the path; "**/" spans none or some folders
  const char* what;
};
constexpr const char* kSettings = "a file of environment settings";
constexpr const char* kCredentials = "a file of credentials";
constexpr const char* kKeyStore = "a store of keys";

constexpr NamePattern kNames[] = {
    {"**/.env", kSettings},
    {"**/.env.*", kSettings},
    {"**/*.env", kSettings},
    {"**/.envrc", kSettings},
    {"**/.netrc", kCredentials},
    {"**/_netrc", kCredentials},
    {"**/.pypirc", kCredentials},
    {"**/.pgpass", kCredentials},
    {"**/.git-credentials", kCredentials},
    {"**/.htpasswd", kCredentials},
    {"**/.aws/credentials", kCredentials},
    {"**/.kube/config", kCredentials},
    {"**/.docker/config.json", kCredentials},
    {"**/.azure/*Token*", kCredentials},
    {"**/application_default_credentials.json", kCredentials},
    {"**/kaggle.json", kCredentials},
    {"**/.vault-token", kCredentials},
    {"**/id_rsa", "a private key"},
    {"**/id_dsa", "a private key"},
    {"**/id_ecdsa", "a private key"},
    {"**/id_ed25519", "a private key"},
    {"**/*.p12", kKeyStore},
    {"**/*.pfx", kKeyStore},
    {"**/*.jks", kKeyStore},
    {"**/*.kdbx", kKeyStore},
};
/// Templates are meant to be read.
constexpr const char* kHarmless[] = {"**/.env.example", "**/.env.sample", "**/.env.template", "**/.env.dist"};

bool is_any_of(const std::string& path, auto&& globs, auto&& glob_of) {
  return std::any_of(std::begin(globs), std::end(globs),
                     [&](const auto& entry) { return glob_match(glob_of(entry), path); });
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A token: what it begins with, and at least so many of letters, digits and `also` behind it.
struct TokenShape {
  std::string_view begin, also;
  std::size_t least;
  const char* what;
};
constexpr TokenShape kTokens[] = {
    {"AKIA", "", 16, "an AWS access key"},     {"ASIA", "", 16, "an AWS access key"},
    {"ghp_", "", 36, "a GitHub token"},        {"gho_", "", 36, "a GitHub token"},
    {"ghs_", "", 36, "a GitHub token"},        {"github_pat_", "_", 60, "a GitHub token"},
    {"glpat-", "_-", 20, "a GitLab token"},    {"AIza", "_-", 35, "a Google key"},
    {"hf_", "", 34, "a Hugging Face token"},   {"npm_", "", 36, "an npm token"},
    {"sk-proj-", "_-", 40, "an OpenAI key"},   {"pypi-AgEI", "_-", 50, "a PyPI token"},
    {"xoxb-", "-", 40, "a Slack token"},       {"xoxp-", "-", 40, "a Slack token"},
    {"sk-ant-", "_-", 40, "an Anthropic key"}, {"AccountKey=", "+/", 80, "a key of Azure Storage"},
};

bool holds(std::string_view text, const TokenShape& shape) {
  for (std::size_t at = text.find(shape.begin); at != std::string_view::npos;
       at = text.find(shape.begin, at + 1)) {
    if (at > 0 && (is_letter_or_digit(text[at - 1]) || text[at - 1] == '_')) continue;  // within a word
    std::size_t end = at + shape.begin.size();
    while (end < text.size() &&
           (is_letter_or_digit(text[end]) || shape.also.find(text[end]) != std::string_view::npos))
      ++end;
    if (end - at - shape.begin.size() >= shape.least) return true;
  }
  return false;
}

/// Letters of base64 behind an escaped end of line, as JSON and .env files have it: `\n` in two characters.
bool begins_escaped_body(std::string_view text) {
  constexpr std::size_t kLeast = 16;
  while (text.starts_with("\\n") || text.starts_with("\\r")) text.remove_prefix(2);
  std::size_t count = 0;
  while (count < text.size() && (is_letter_or_digit(text[count]) || text[count] == '+' || text[count] == '/'))
    ++count;
  return count >= kLeast;
}

/// "-----BEGIN [WORDS ]PRIVATE KEY-----" at the end of a line (RFC 7468), or OpenPGP's "PRIVATE KEY BLOCK"
/// (RFC 9580), with a body: source code that looks for keys names the first line alone.
bool holds_private_key(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ", kLast = "PRIVATE KEY-----",
                             kLastOfPgp = "PRIVATE KEY BLOCK-----";
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
    const std::size_t dashes = text.find("-----", at + kBegin.size());
    if (dashes == std::string_view::npos) break;
    const std::string_view header = text.substr(0, dashes + 5), body = text.substr(header.size());
    if (!header.ends_with(kLast) && !header.ends_with(kLastOfPgp)) continue;
    if (body.find("-----END ") == std::string_view::npos) continue;
    if (body.starts_with('\n') || body.starts_with("\r\n") || begins_escaped_body(body)) return true;
  }
  return text.starts_with("PuTTY-User-Key-File-");
}

}  // namespace

std::optional<std::string> secret_by_name(std::string_view path) {
  const std::string text(path);
  if (is_any_of(text, kHarmless, [](const char* glob) { return glob; })) return std::nullopt;
  const auto found = std::find_if(std::begin(kNames), std::end(kNames),
                                  [&](const NamePattern& name) { return glob_match(name.glob, text); });
  if (found == std::end(kNames)) return std::nullopt;
  return found->what;
}

std::optional<std::string> secret_in_text(std::string_view text) {
  if (holds_private_key(text)) return "it holds a private key";
  const auto found = std::find_if(std::begin(kTokens), std::end(kTokens),
                                  [&](const TokenShape& shape) { return holds(text, shape); });
  if (found == std::end(kTokens)) return std::nullopt;
  return std::string("it holds ") + found->what;
}

}  // namespace amltrain
