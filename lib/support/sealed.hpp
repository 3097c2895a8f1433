// Documents that tell when a bit of theirs has changed: the last field of a stored document is its own hash.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "support/json.hpp"

namespace amltrain {

/// `document`, an object, as indented text whose last line but one is
///   "document_sha256": "HEX"
/// HEX is the SHA-256 of every byte before the comma that ends the line above it. As a shell sees it:
///   head -c -92 FILE | sha256sum
std::string sealed_text(const json& document);

enum class Seal { fits, broken, absent };
/// Of the whole text of a document. A change of any byte, or a cut, leaves nothing that fits.
Seal check_seal(std::string_view text);

/// Parses the text of a stored document. Throws Error{bad_input} naming `origin` when it is no JSON, or has a
/// seal that doesn't fit. One without a seal is read as it is: somebody may have written it by hand.
json parse_sealed(std::string_view text, const std::string& origin);
json read_sealed(const std::filesystem::path& path);

/// One line of a JSON-lines file whose lines are chained: `object` as compact JSON with "sha256" as its last
/// field, the SHA-256 of `before` (the "sha256" of the line above) and the line up to the comma before it.
std::string chained_line(const json& object, std::string_view before);

/// A line of such a file, taken apart. `stated` is empty when it carries no hash.
struct ChainedLine {
  std::string_view body, stated;
  bool follows(std::string_view before) const;
};
ChainedLine take_chained_line(std::string_view line);

}  // namespace amltrain
