// data.lock.json: which images a data folder holds, by hash, so that a change is noticed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image/folder.hpp"
#include "support/file_set.hpp"
#include "support/json.hpp"

namespace amltrain {

inline constexpr const char* kDataLock = "data.lock.json";

struct LockedFile {
  HashedFile file;
  std::string label;  // class name
};

/// schema amltrain.data-lock/1. The same images give the same bytes: it can be kept in version control.
struct DataLock {
  std::string fingerprint;        // of image/folder.hpp
  std::vector<LockedFile> files;  // sorted by path
};
void to_json(json& out, const DataLock& lock);

/// The document as it is stored, byte for byte.
std::string to_text(const DataLock& lock);

/// Hashes every image.
DataLock lock_data(const ImageFolder& folder);

enum class Existing { keep, replace };
/// Puts the lock into `target`. Throws Error{conflict} for `keep` when another one is there.
void write_lock(const DataLock& lock, const std::filesystem::path& target, Existing existing);

/// Throws Error{not_found}; Error{bad_input} when its files don't have its fingerprint.
DataLock read_lock(const std::filesystem::path& file);

struct LockDifference {
  std::vector<std::string> missing, extra;
  std::vector<FileFault> changed;
  bool none() const { return missing.empty() && extra.empty() && changed.empty(); }
};

/// sizes: what a listing tells. content: hashes of the files whose size is right, too.
enum class Depth { sizes, content };
/// What `root`, the folder that holds train/ and val/, has other than the lock says. When a class folder is
/// gone, extra files aren't looked for.
LockDifference compare(const DataLock& lock, const std::filesystem::path& root, Depth depth);

/// The lock's fingerprint, once the folder is as the lock in `lock_file` says: sizes first, then hashes
/// unless `depth` is sizes. Throws Error{bad_input} naming the files that differ.
std::string require_locked(const std::filesystem::path& lock_file, const std::filesystem::path& root,
                           Depth depth = Depth::content);

/// "2 missing (a.jpg, b.jpg), 1 changed (c.jpg)", of long lists the first names.
std::string describe(const LockDifference& difference);

}  // namespace amltrain
