// The zip container of torch.save, read from its central directory (PKWARE APPNOTE 6.3.10, 4.3).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/exchange/input_file.hpp"

namespace amltrain::engine {

struct ZipEntry {
  std::string name;
  std::uint64_t offset = 0;  // of its first byte in the file
  std::uint64_t size = 0;    // in the file
  std::uint32_t crc = 0;
  bool compressed = false;  // as TorchScript's sources are; such an entry can't be read here
};

class ZipContainer {
 public:
  /// Reads the directory; `file` must outlive the container. Throws Error{bad_input} for whatever torch.save
  /// never writes: compressed or encrypted entries, a name twice, entries that overlap or reach outside the
  /// file, local headers that contradict the directory.
  explicit ZipContainer(const InputFile& file);

  const std::map<std::string, ZipEntry, std::less<>>& entries() const { return entries_; }
  const ZipEntry* find(std::string_view name) const;

  /// Fills `into`, which has entry.size bytes, and checks the CRC-32. Throws Error{bad_input} for a
  /// compressed entry: torch.save stores plainly.
  void read(const ZipEntry& entry, std::span<std::byte> into) const;
  /// The whole entry. Throws Error{bad_input} when it is longer than `limit`.
  std::string read(const ZipEntry& entry, std::uint64_t limit) const;

 private:
  const InputFile& file_;
  std::map<std::string, ZipEntry, std::less<>> entries_;
  bool has_crc_ = false;  // false: written under torch.serialization.set_crc32_options(False), all are 0
};

}  // namespace amltrain::engine
