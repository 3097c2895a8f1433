// The ignore files that count at a place of a tree: that of a folder comes before those above it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/ignore.hpp"

namespace amltrain {

class IgnoreStack {
 public:
  /// For the tree below `root`, an absolute path. A folder with .amlignore has these files read; else
  /// .gitignore, with those above `root` up to its git repository and the repository's info/exclude.
  explicit IgnoreStack(const std::filesystem::path& root);

  const std::string& file_name() const { return file_name_; }  // ".amlignore" or ".gitignore"

  /// Reads the ignore file of the folder `path` ("" is the root, else "a/b") while it is walked.
  void enter(const std::string& path);
  void leave() { levels_.pop_back(); }

  /// Of an entry of the folder that was entered last; what is above it is included.
  std::optional<Verdict> verdict(const std::string& path, EntryKind kind) const;

 private:
  struct Level {
    std::string above;   // from the file's folder down to the root: "src/", or ""
    std::size_t offset;  // of a path below the root: bytes of the file's folder
    IgnoreFile file;
  };
  void read_above(const std::filesystem::path& repository);
  void add(const std::filesystem::path& file, std::string above, std::size_t offset);

  std::filesystem::path root_;
  std::string file_name_;
  std::vector<Level> levels_;  // the last one first asked
};

}  // namespace amltrain
