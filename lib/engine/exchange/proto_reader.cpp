#include "engine/exchange/proto_reader.hpp"

#include <cstring>

namespace amltrain::engine {

std::uint64_t ProtoReader::read_varint(ByteCursor& cursor) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = cursor.number<std::uint8_t>();
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
  cursor.fail("has a number of more than 64 bits");
}

bool ProtoReader::next() {
  if (cursor_.at_end()) return false;
  const std::uint64_t tag = read_varint(cursor_);
  if (tag >> 3 == 0 || tag >> 32 != 0) cursor_.fail("has a field number out of range");
  field_ = static_cast<int>(tag >> 3);
  wire_ = static_cast<Wire>(tag & 7);
  switch (wire_) {
    case Wire::varint:
      varint_ = read_varint(cursor_);
      return true;
    case Wire::fixed64:
      bytes_ = cursor_.take(8);
      return true;
    case Wire::bytes:
      bytes_ = cursor_.take(read_varint(cursor_));
      return true;
    case Wire::fixed32:
      bytes_ = cursor_.take(4);
      return true;
  }
  cursor_.fail("has a field of unknown type");
}

void ProtoReader::require(Wire wire) const {
  if (wire_ != wire) cursor_.fail("has field " + std::to_string(field_) + " in another type");
}

std::int64_t ProtoReader::integer() const {
  require(Wire::varint);
  return static_cast<std::int64_t>(varint_);
}

float ProtoReader::number() const {
  require(Wire::fixed32);
  float value;
  std::memcpy(&value, bytes_.data(), sizeof value);
  return value;
}

std::string_view ProtoReader::bytes() const {
  require(Wire::bytes);
  return bytes_;
}

void ProtoReader::append_to(std::vector<std::int64_t>& values) const {
  if (wire_ == Wire::varint) return values.push_back(static_cast<std::int64_t>(varint_));
  require(Wire::bytes);
  for (ByteCursor packed(bytes_, cursor_.origin()); !packed.at_end();)
    values.push_back(static_cast<std::int64_t>(read_varint(packed)));
}

}  // namespace amltrain::engine
