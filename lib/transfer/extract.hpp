// Archives from strangers: zip and tar, the latter plain or compressed by gzip, bzip2, xz, zstd or lz4; told
// apart by content. What else libarchive knows stays off: rar, 7z, cab and the filters that run another
// program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace amltrain {

struct ExtractLimits {
  std::uint64_t bytes = std::uint64_t{200} << 30;  // unpacked, in all
  std::uint64_t entries = 10'000'000;
  double ratio = 200;  // unpacked to packed, once more than 64 MiB came out
};

struct Extracted {
  std::uint64_t files = 0, bytes = 0;
  std::uint64_t left_out = 0;  // entries that `wanted` refused
};

/// Unpacks `archive` below `folder`, which must be an existing empty folder. Every entry is opened relative
/// to it by openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). Files get mode 0644 and folders 0755 (less the
/// umask), whatever the archive says; times and owners are not restored. `wanted` is asked with each entry's
/// path ("a/b.jpg"); unset: all. All is on disk when it returns. Throws Error{bad_input} naming the entry for
/// absolute paths, "..", links, devices, duplicates, encryption, names that are not UTF-8 or hold control
/// characters, a cut or corrupt archive, or growth beyond `limits`; the caller throws the folder away then.
Extracted extract(const std::filesystem::path& archive, const std::filesystem::path& folder,
                  const ExtractLimits& limits = {},
                  const std::function<bool(const std::string&)>& wanted = {});

}  // namespace amltrain
