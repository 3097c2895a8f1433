#include "engine/exchange/proto_writer.hpp"

#include <cstring>
#include <iterator>

namespace amltrain::engine {
namespace {

enum WireType : unsigned { varint = 0, length_delimited = 2, fixed32 = 5 };

}  // namespace

std::string& ProtoMessage::tail() {
  if (pieces_.empty() || !std::holds_alternative<std::string>(pieces_.back()))
    pieces_.emplace_back(std::string());
  return std::get<std::string>(pieces_.back());
}

void ProtoMessage::append(std::string_view bytes) {
  tail() += bytes;
  size_ += bytes.size();
}

void ProtoMessage::put_varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
  append(bytes);
}

void ProtoMessage::put_tag(int field, unsigned wire_type) {
  put_varint(static_cast<std::uint64_t>(field) << 3 | wire_type);
}

ProtoMessage& ProtoMessage::integer(int field, std::int64_t value) {
  put_tag(field, varint);
  put_varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtoMessage& ProtoMessage::number(int field, float value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  put_tag(field, fixed32);
  append({bytes, sizeof bytes});
  return *this;
}

ProtoMessage& ProtoMessage::text(int field, std::string_view value) {
  put_tag(field, length_delimited);
  put_varint(value.size());
  append(value);
  return *this;
}

ProtoMessage& ProtoMessage::borrowed(int field, std::span<const std::byte> value) {
  put_tag(field, length_delimited);
  put_varint(value.size());
  pieces_.emplace_back(value);
  size_ += value.size();
  return *this;
}

ProtoMessage& ProtoMessage::message(int field, ProtoMessage&& value) {
  put_tag(field, length_delimited);
  put_varint(value.size_);
  for (auto& piece : value.pieces_) {
    if (auto* text = std::get_if<std::string>(&piece))
      tail() += *text;
    else
      pieces_.push_back(piece);
  }
  size_ += value.size_;
  return *this;
}

void ProtoMessage::write(AtomicFile& out) const {
  for (const auto& piece : pieces_) {
    if (const auto* text = std::get_if<std::string>(&piece))
      out.write(*text);
    else
      out.write(std::get<std::span<const std::byte>>(piece));
  }
}

}  // namespace amltrain::engine
