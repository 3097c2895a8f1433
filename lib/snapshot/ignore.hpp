// One ignore file: patterns in order, the last that matches decides (gitignore(5)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/wildcard.hpp"

namespace amltrain {

enum class EntryKind { file, folder };  // a symbolic link counts as a file, wherever it leads

/// What a pattern says of a path: left out, or (with '!') taken back in; named when that has no wildcard.
enum class Verdict { ignored, included, named };

class IgnoreFile {
 public:
  /// Blank lines, comments, escapes, trailing blanks and CR LF as git reads them.
  explicit IgnoreFile(std::string_view text);

  /// `path` is relative to the folder of the file. Absent when no pattern matches.
  std::optional<Verdict> verdict(std::string_view path, EntryKind kind) const;

 private:
  struct Pattern {
    Verdict verdict;
    bool folders_only;    // ended with '/'
    bool by_name;         // has no '/': matches at every level
    std::string literal;  // what it begins with, up to the first wildcard
    bool has_wildcard;
    Wildcard rest;  // behind `literal`
  };
  void add_line(std::string_view line);

  std::vector<Pattern> patterns_;
};

}  // namespace amltrain
