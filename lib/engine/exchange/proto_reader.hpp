// Reads protocol buffers of unknown origin field by field; what is not asked for is passed over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/exchange/byte_cursor.hpp"

namespace amltrain::engine {

/// for (ProtoReader fields(bytes, origin); fields.next();) switch (fields.field()) { ... }
class ProtoReader {
 public:
  ProtoReader(std::string_view bytes, std::string origin) : cursor_(bytes, std::move(origin)) {}

  /// Steps to the next field. Throws Error{bad_input} for a malformed one.
  bool next();
  int field() const { return field_; }
  const std::string& origin() const { return cursor_.origin(); }

  /// The value of the field. Each throws Error{bad_input} when it has another type.
  std::int64_t integer() const;
  float number() const;
  std::string_view bytes() const;  // also text and inner messages
  /// A repeated integer, packed or not.
  void append_to(std::vector<std::int64_t>& values) const;

 private:
  enum class Wire : unsigned { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  static std::uint64_t read_varint(ByteCursor& cursor);
  void require(Wire wire) const;

  ByteCursor cursor_;
  int field_ = 0;
  Wire wire_ = Wire::varint;
  std::uint64_t varint_ = 0;
  std::string_view bytes_;
};

}  // namespace amltrain::engine
