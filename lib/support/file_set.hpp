// A set of files known by their hashes: the outputs of a run, the files of a model version, what is
// downloaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace amltrain {

struct HashedFile {
  std::string path;  // relative to the set's folder, '/' between parts
  std::uint64_t bytes = 0;
  std::string sha256;

  bool operator==(const HashedFile&) const = default;
};
void to_json(json& out, const HashedFile& file);
HashedFile parse_hashed_file(const json& in);

/// Every regular file below `folder`, sorted by path; symbolic links and special files are not followed and
/// left out. `prefix` is put before each path ("outputs/"). An absent folder has none. `left_out`: what is
/// not among the files gets there, in printable words, and so do files whose name is not UTF-8, which no
/// document can hold; without it they are among them.
std::vector<HashedFile> hash_tree(const std::filesystem::path& folder, const std::string& prefix = "",
                                  std::vector<std::string>* left_out = nullptr);

/// The one file `path` below `folder`; no link is followed.
HashedFile hash_file(const std::filesystem::path& folder, const std::string& path);

/// Copies `files` from below `from` to below `to`. Each is hashed while copied and appears under its final
/// name only when whole and equal to its hash. Throws Error{conflict} before anything is written when a
/// target exists and `overwrite` is false, Error{bad_input} naming the file whose content no longer has its
/// hash.
void copy_verified(std::span<const HashedFile> files, const std::filesystem::path& from,
                   const std::filesystem::path& to, bool overwrite);

struct FileFault {
  std::string path;
  std::string problem;  // "missing", "has 12 bytes, not 34", "content changed"
};
/// What differs from the hashes; empty when all is as recorded.
std::vector<FileFault> verify_files(std::span<const HashedFile> files, const std::filesystem::path& folder);

}  // namespace amltrain
