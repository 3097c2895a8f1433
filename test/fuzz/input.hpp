// What the fuzz targets share: each takes bytes from strangers, and may refuse them with one type of error
// alone. Whatever else happens ends the process, and libFuzzer keeps the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain::fuzz {

struct Input {
  const std::uint8_t* data;
  std::size_t size;

  std::string_view text() const { return {reinterpret_cast<const char*>(data), size}; }
  std::span<const std::byte> bytes() const { return {reinterpret_cast<const std::byte*>(data), size}; }
  /// Takes the first byte off, for a choice; 0 when there is none.
  unsigned take_byte() {
    if (size == 0) return 0;
    --size;
    return *data++;
  }
};

/// A file in memory that holds the bytes, for readers that want a path.
class InputFile {
 public:
  explicit InputFile(std::span<const std::byte> bytes);
  const std::filesystem::path& path() const { return path_; }

 private:
  Fd fd_;
  std::filesystem::path path_;
};

/// Calls `read`, which may throw Error{bad_input}. False when it did.
template <typename Read>
bool accepts(Read&& read) {
  try {
    read();
    return true;
  } catch (const Error& refused) {
    if (refused.kind() != category::bad_input) throw;
    return false;
  }
}

/// Ends the process unless it holds: a property of what was read.
void require(bool holds, const char* property);

}  // namespace amltrain::fuzz

/// One run of the target; libFuzzer's entry is made of it in entry.cpp.
void fuzz(amltrain::fuzz::Input input);
