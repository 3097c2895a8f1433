// Writes protocol buffers (protobuf.dev/programming-guides/encoding) without copying the weights: a message
// is a list of pieces whose total length is known, and large pieces are borrowed until the message is
// streamed out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/files.hpp"

namespace amltrain::engine {

class ProtoMessage {
 public:
  ProtoMessage& integer(int field, std::int64_t value);
  ProtoMessage& number(int field, float value);
  ProtoMessage& text(int field, std::string_view value);
  /// `value` must stay alive until write().
  ProtoMessage& borrowed(int field, std::span<const std::byte> value);
  ProtoMessage& message(int field, ProtoMessage&& value);

  std::uint64_t size() const { return size_; }
  void write(AtomicFile& out) const;

 private:
  std::string& tail();
  void append(std::string_view bytes);
  void put_varint(std::uint64_t value);
  void put_tag(int field, unsigned wire_type);

  std::vector<std::variant<std::string, std::span<const std::byte>>> pieces_;
  std::uint64_t size_ = 0;
};

}  // namespace amltrain::engine
