// A document that a person wrote, YAML or JSON, as one tree that remembers where its values stand.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "support/json.hpp"

namespace amltrain {

struct SourceDocument {
  static constexpr int kNoLine = -1;
  struct Place {
    int line;          // from 1; of the key for a member of a map; 0: given with --set; or kNoLine
    std::string text;  // of a scalar, as written: 1e-3 stays 1e-3
  };
  std::string origin;                   // the file's name, for messages
  json tree;                            // YAML's plain scalars have the types of its core schema
  std::map<std::string, Place> places;  // by JSON pointer; of JSON those of numbers alone
  std::filesystem::path folder = {};    // absolute, of the file, of a pipe the current one; empty: none
};

/// Reads JSON when the name ends in .json, else YAML 1.2. Throws Error{bad_input} naming file and line for a
/// syntax error, a key given twice, a key that is no text, a tag, more than one document, or limits exceeded:
/// 1 MiB of text; 10,000 values and 32 levels once aliases are expanded.
SourceDocument read_source(const std::filesystem::path& file);

/// `name` as one more step of a JSON pointer (RFC 6901).
std::string pointer_step(const std::string& name);

/// The YAML part of it; the JSON part is alike but for the limits on values.
SourceDocument parse_yaml(std::string_view text, const std::string& origin);

}  // namespace amltrain
