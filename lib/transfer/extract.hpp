// Archives from strangers: zip, tar, tar.gz, tar.zst and what else libarchive knows by content.
#pragma once

#include <cstdint>
#include <filesystem>

namespace amltrain {

struct ExtractLimits {
  std::uint64_t bytes = std::uint64_t{200} << 30;  // unpacked, in all
  std::uint64_t entries = 10'000'000;
  double ratio = 200;  // unpacked to packed, once more than 64 MiB came out
};

struct Extracted {
  std::uint64_t files = 0, bytes = 0;
};

/// Unpacks `archive` below `folder`, which must be an existing empty folder. Every entry is opened relative to it by
/// openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). Throws Error{bad_input} naming the entry for absolute paths, "..",
/// links, devices, duplicate files, or growth beyond `limits`; the caller throws the folder away then.
Extracted extract(const std::filesystem::path& archive, const std::filesystem::path& folder,
                  const ExtractLimits& limits = {});

}  // namespace amltrain
