#include "engine/exchange/zip_writer.hpp"

#include <zlib.h>

#include <concepts>
#include <limits>

#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr std::uint64_t alignment = 64, local_bytes = 30;
constexpr std::uint16_t version = 20, utf8_names = 0x0800, first_day = (1 << 5) | 1;  // 1980-01-01
constexpr std::uint16_t padding_kind = 0x4246;  // "FB", the extra field that torch pads with

template <std::integral T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// What the local header and the directory say alike: version needed to extra length.
std::string common_fields(std::uint32_t crc, std::uint32_t size, std::size_t name_bytes,
                          std::uint16_t extra_bytes) {
  std::string fields;
  put(fields, version);
  put(fields, utf8_names);
  put<std::uint16_t>(fields, 0);  // stored
  put<std::uint16_t>(fields, 0);  // 00:00
  put(fields, first_day);
  put(fields, crc);
  put(fields, size);
  put(fields, size);
  put(fields, static_cast<std::uint16_t>(name_bytes));
  put(fields, extra_bytes);
  return fields;
}

}  // namespace

void ZipWriter::write(std::string_view bytes) {
  file_.write(bytes);
  written_ += bytes.size();
}

void ZipWriter::add(const std::string& name, std::span<const std::byte> bytes) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  if (bytes.size() > most || written_ + bytes.size() + directory_.size() + 2 * name.size() + 1024 > most ||
      entries_ == std::numeric_limits<std::uint16_t>::max())
    throw Error(category::bad_input, "the weights are too large for one .pt file (4 GiB)");
  const auto crc =
      static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const auto offset = static_cast<std::uint32_t>(written_);

  const std::uint64_t unpadded = written_ + local_bytes + name.size() + 4;
  const auto padding = static_cast<std::uint16_t>((alignment - unpadded % alignment) % alignment);
  std::string local;
  put<std::uint32_t>(local, 0x04034b50);
  local += common_fields(crc, size, name.size(), static_cast<std::uint16_t>(padding + 4));
  local += name;
  put(local, padding_kind);
  put(local, padding);
  local.append(padding, 'Z');
  write(local);
  file_.write(bytes);
  written_ += bytes.size();

  put<std::uint32_t>(directory_, 0x02014b50);
  put(directory_, version);
  directory_ += common_fields(crc, size, name.size(), 0);
  directory_.append(2 + 2 + 2 + 4, '\0');  // comment, disk, attributes
  put(directory_, offset);
  directory_ += name;
  ++entries_;
}

void ZipWriter::finish() {
  const auto at = static_cast<std::uint32_t>(written_);
  std::string end;
  put<std::uint32_t>(end, 0x06054b50);
  put<std::uint32_t>(end, 0);  // disks
  put(end, entries_);
  put(end, entries_);
  put(end, static_cast<std::uint32_t>(directory_.size()));
  put(end, at);
  put<std::uint16_t>(end, 0);  // comment
  write(directory_);
  write(end);
}

}  // namespace amltrain::engine
