// Writes the zip container that torch.load reads: stored entries, each beginning at a multiple of 64 bytes so
// that it can be mapped (torch.load's mmap=True). No times: the same content gives the same bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "support/files.hpp"

namespace amltrain::engine {

class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}

  /// Throws Error{bad_input} when the container would pass 4 GiB (no zip64 is written).
  void add(const std::string& name, std::span<const std::byte> bytes);
  /// Writes the directory; the last call.
  void finish();

 private:
  void write(std::string_view bytes);

  AtomicFile& file_;
  std::uint64_t written_ = 0;
  std::uint16_t entries_ = 0;
  std::string directory_;
};

}  // namespace amltrain::engine
