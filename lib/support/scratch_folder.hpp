#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

#include "support/files.hpp"

namespace amltrain {

/// A folder that is gone, with all that is left in it, when this is. A kill leaves it behind.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) { create_folders(path_); }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace amltrain
