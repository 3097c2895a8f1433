#include "support/sealed.hpp"

#include <algorithm>

#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/json_text.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kBeforeHash = ",\n  \"document_sha256\": \"";
constexpr std::string_view kAfterHash = "\"\n}\n";
constexpr std::string_view kBeforeLineHash = ",\"sha256\":\"";
constexpr std::string_view kAfterLineHash = "\"}";

/// A text that ends with a hash between two known pieces.
ChainedLine split(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t tail = before.size() + kHexDigits + after.size();
  if (text.size() < tail || !text.ends_with(after)) return {text, {}};
  const std::size_t body = text.size() - tail;
  if (text.substr(body, before.size()) != before) return {text, {}};
  const std::string_view hash = text.substr(body + before.size(), kHexDigits);
  if (hash.find_first_not_of("0123456789abcdef") != std::string_view::npos) return {text, {}};
  return {text.substr(0, body), hash};
}

}  // namespace

std::string sealed_text(const json& document) {
  std::string text = recorded_text(document, 2);
  constexpr std::string_view kEnd = "\n}";
  text.resize(text.size() - kEnd.size());
  const std::string hash = sha256_of(text);
  return text.append(kBeforeHash).append(hash).append(kAfterHash);
}

Seal check_seal(std::string_view text) {
  const auto [body, stated] = split(text, kBeforeHash, kAfterHash);
  if (stated.empty()) return Seal::absent;
  return sha256_of(body) == stated ? Seal::fits : Seal::broken;
}

json parse_sealed(std::string_view text, const std::string& origin) {
  if (check_seal(text) == Seal::broken)
    throw Error(category::bad_input, origin + " is damaged: it has not the content that its hash is of",
                "restore it from a copy; if you changed it on purpose, delete its last field");
  return parse_json(text, origin);
}

json read_sealed(const std::filesystem::path& path) {
  return parse_sealed(read_regular(path), path.string());
}

std::string chained_line(const json& object, std::string_view before) {
  std::string text = lossy_text(object);
  text.pop_back();  // the closing brace
  const std::string hash = sha256_of(std::string(before) + text);
  return text.append(kBeforeLineHash).append(hash).append(kAfterLineHash);
}

bool ChainedLine::follows(std::string_view before) const {
  return !stated.empty() && sha256_of(std::string(before).append(body)) == stated;
}

ChainedLine take_chained_line(std::string_view line) { return split(line, kBeforeLineHash, kAfterLineHash); }

}  // namespace amltrain
