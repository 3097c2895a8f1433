#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

#include "support/files.hpp"

namespace amltrain {

/// A folder that is gone, with all that is left in it, when this is, unless it was kept. A kill leaves it
/// behind.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) { create_folders(path_); }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  /// It has got its own name, or stays for another reason; path() is empty from now on.
  void keep() { path_.clear(); }

 private:
  std::filesystem::path path_;
};

}  // namespace amltrain
