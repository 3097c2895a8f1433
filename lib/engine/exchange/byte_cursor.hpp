// Reads little-endian numbers and runs of bytes from memory that nobody vouches for: every step is checked.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/exchange/refuse.hpp"

namespace amltrain::engine {

static_assert(std::endian::native == std::endian::little,
              "weight files are read and written without swapping");

class ByteCursor {
 public:
  /// `origin` names the bytes in messages: "model.pt: data.pkl". The bytes must outlive the cursor.
  ByteCursor(std::string_view bytes, std::string origin) : bytes_(bytes), origin_(std::move(origin)) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return remaining() == 0; }
  const std::string& origin() const { return origin_; }

  template <std::integral T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  /// The next `count` bytes. Throws Error{bad_input} when fewer are left.
  std::string_view take(std::uint64_t count) {
    if (count > remaining()) fail("ends too early");
    const auto taken = bytes_.substr(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }

  /// Up to the next '\n', which is consumed and left out.
  std::string_view line() {
    const auto end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) fail("ends too early");
    const auto text = take(end - position_);
    ++position_;
    return text;
  }

  [[noreturn]] void fail(std::string_view problem) const {
    refuse(origin_, std::string(problem) + " (at byte " + std::to_string(position_) + ")");
  }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  std::string origin_;
};

}  // namespace amltrain::engine
