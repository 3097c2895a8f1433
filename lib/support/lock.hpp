// An advisory lock held by the kernel: it vanishes with the process that holds it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "support/files.hpp"

namespace amltrain {

class FileLock {
 public:
  /// Waits until the lock is free, at most `patience`; throws Error{conflict} then.
  static FileLock acquire(const std::filesystem::path& path, std::chrono::milliseconds patience);
  static std::optional<FileLock> try_acquire(const std::filesystem::path& path);
  /// Shared: any number of these at a time, but none beside an acquire().
  static FileLock acquire_shared(const std::filesystem::path& path, std::chrono::milliseconds patience);
  static std::optional<FileLock> try_acquire_shared(const std::filesystem::path& path);
  /// True when some process holds the lock (false when the file is absent).
  static bool is_held(const std::filesystem::path& path);

  /// Takes over a lock inherited as an open descriptor (close-on-exec is set again on it).
  static FileLock adopt(int fd);

  /// Kept open over fork, so that a child holds it after its parent has gone.
  int fd() const { return fd_.get(); }

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  static std::optional<FileLock> try_kind(const std::filesystem::path& path, short kind);
  static FileLock wait_for_kind(const std::filesystem::path& path, short kind,
                                std::chrono::milliseconds patience);
  Fd fd_;
};

}  // namespace amltrain
