// Archives as a stranger may make them: libarchive writes whatever name and kind it is told.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace amltrain::test {

struct Entry {
  enum class Kind { file, folder, symbolic_link, hard_link, device };
  std::string name;
  std::string content;  // of a link: where it leads
  Kind kind = Kind::file;
  unsigned mode = 0644;
};

enum class Format { zip, tar, tar_gz, tar_bz2, tar_xz, tar_zst };

void write_archive(const std::filesystem::path& target, Format format, const std::vector<Entry>& entries);

/// A zip whose entries are encrypted.
void write_encrypted_zip(const std::filesystem::path& target, const std::vector<Entry>& entries);

}  // namespace amltrain::test
