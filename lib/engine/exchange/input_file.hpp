// A weight file open for reading at any offset; its size is taken once, and every read is checked against it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "support/files.hpp"

namespace amltrain::engine {

class InputFile {
 public:
  /// Throws Error{not_found}, Error{bad_input} when it is not a regular file.
  explicit InputFile(const std::filesystem::path& path);

  std::uint64_t size() const { return size_; }
  /// The path as it was given, for messages.
  const std::string& name() const { return name_; }

  /// Fills `into` from `offset`. Throws Error{bad_input} when the file ends before.
  void read_at(std::uint64_t offset, std::span<std::byte> into) const;
  /// The bytes [offset, offset + count); checked before anything is allocated.
  std::string read_at(std::uint64_t offset, std::uint64_t count) const;

  /// Throws Error{bad_input} with "NAME: problem".
  [[noreturn]] void fail(std::string_view problem, std::string_view hint = "") const;

 private:
  Fd fd_;
  std::string name_;
  std::uint64_t size_ = 0;
};

}  // namespace amltrain::engine
