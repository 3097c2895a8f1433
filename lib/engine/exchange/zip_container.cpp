#include "engine/exchange/zip_container.hpp"

#include <zlib.h>

#include <algorithm>
#include <vector>

#include "engine/exchange/byte_cursor.hpp"

namespace amltrain::engine {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50,
                        end_signature = 0x06054b50, end64_signature = 0x06064b50,
                        locator64_signature = 0x07064b50;
constexpr std::uint64_t local_bytes = 30, end_bytes = 22, end64_bytes = 56, locator64_bytes = 20;
constexpr std::uint64_t directory_limit = std::uint64_t{16} << 20;
constexpr std::uint32_t in_zip64 = 0xffffffff;

struct Directory {
  std::uint64_t offset = 0, size = 0, entries = 0;
};

struct Record {  // one header of the central directory
  ZipEntry entry;
  std::uint64_t header_offset = 0, end = 0;
};

Directory find_directory64(const InputFile& file, std::uint64_t locator_at) {
  const std::string locator = file.read_at(locator_at, locator64_bytes);
  ByteCursor cursor(locator, file.name() + ": zip64 locator");
  cursor.take(8);  // signature, disk
  const auto at = cursor.number<std::uint64_t>();
  const std::string end = file.read_at(at, end64_bytes);
  ByteCursor fields(end, file.name() + ": zip64 end record");
  if (fields.number<std::uint32_t>() != end64_signature) fields.fail("has no signature");
  fields.take(8 + 2 + 2 + 4 + 4 + 8);  // size, versions, disks, entries on this disk
  Directory directory;
  directory.entries = fields.number<std::uint64_t>();
  directory.size = fields.number<std::uint64_t>();
  directory.offset = fields.number<std::uint64_t>();
  return directory;
}

Directory find_directory(const InputFile& file) {
  const std::uint64_t tail_bytes = std::min<std::uint64_t>(file.size(), end_bytes + 0xffff);
  const std::uint64_t tail_at = file.size() - tail_bytes;
  const std::string tail = file.read_at(tail_at, tail_bytes);
  for (std::size_t at = tail.size() >= end_bytes ? tail.size() - end_bytes + 1 : 0; at-- > 0;) {
    ByteCursor cursor(std::string_view(tail).substr(at), file.name() + ": zip end record");
    if (cursor.number<std::uint32_t>() != end_signature) continue;
    cursor.take(2 + 2 + 2);  // disks, entries on this disk
    Directory directory;
    directory.entries = cursor.number<std::uint16_t>();
    directory.size = cursor.number<std::uint32_t>();
    directory.offset = cursor.number<std::uint32_t>();
    if (cursor.number<std::uint16_t>() != cursor.remaining()) continue;  // the comment must end the file
    const std::uint64_t end_at = tail_at + at;
    if (end_at < locator64_bytes) return directory;
    const std::string before = file.read_at(end_at - locator64_bytes, 4);
    const bool zip64 = ByteCursor(before, file.name()).number<std::uint32_t>() == locator64_signature;
    return zip64 ? find_directory64(file, end_at - locator64_bytes) : directory;
  }
  file.fail("the zip container has no end record: the file is cut short", "copy or download the file again");
}

void apply_zip64_extra(ByteCursor extra, std::uint64_t& unpacked, std::uint64_t& size,
                       std::uint64_t& header_offset) {
  while (extra.remaining() >= 4) {
    const auto kind = extra.number<std::uint16_t>();
    const auto length = extra.number<std::uint16_t>();
    ByteCursor field(extra.take(length), extra.origin());
    if (kind != 1) continue;
    for (std::uint64_t* value : {&unpacked, &size, &header_offset})
      if (*value == in_zip64) *value = field.number<std::uint64_t>();
  }
}

Record read_record(ByteCursor& directory) {
  if (directory.number<std::uint32_t>() != central_signature) directory.fail("has no entry signature");
  directory.take(2 + 2);  // versions
  const auto flags = directory.number<std::uint16_t>();
  const auto method = directory.number<std::uint16_t>();
  directory.take(4);  // time, date
  Record record;
  record.entry.crc = directory.number<std::uint32_t>();
  record.entry.size = directory.number<std::uint32_t>();
  std::uint64_t unpacked = directory.number<std::uint32_t>();
  const auto name_bytes = directory.number<std::uint16_t>();
  const auto extra_bytes = directory.number<std::uint16_t>();
  const auto comment_bytes = directory.number<std::uint16_t>();
  directory.take(2 + 2 + 4);  // disk, attributes
  record.header_offset = directory.number<std::uint32_t>();
  record.entry.name = directory.take(name_bytes);
  apply_zip64_extra(ByteCursor(directory.take(extra_bytes), directory.origin()), unpacked, record.entry.size,
                    record.header_offset);
  directory.take(comment_bytes);
  if (flags & 1) directory.fail("has the encrypted entry '" + record.entry.name + "'");
  record.entry.compressed = method != 0;
  if (method == 0 && unpacked != record.entry.size)
    directory.fail("gives two sizes to '" + record.entry.name + "'");
  return record;
}

/// Sets where the entry's bytes begin and end.
void locate(const InputFile& file, Record& record) {
  const std::string header = file.read_at(record.header_offset, local_bytes);
  ByteCursor cursor(header, file.name() + ": local header of '" + record.entry.name + "'");
  if (cursor.number<std::uint32_t>() != local_signature) cursor.fail("has no signature");
  cursor.take(22);  // what the directory says too
  const auto name_bytes = cursor.number<std::uint16_t>();
  const auto extra_bytes = cursor.number<std::uint16_t>();
  if (name_bytes != record.entry.name.size() ||
      file.read_at(record.header_offset + local_bytes, name_bytes) != record.entry.name)
    cursor.fail("names another entry");
  record.entry.offset = record.header_offset + local_bytes + name_bytes + extra_bytes;
  if (record.entry.offset > file.size() || record.entry.size > file.size() - record.entry.offset)
    cursor.fail("claims bytes beyond the end of the file");
  record.end = record.entry.offset + record.entry.size;
}

}  // namespace

ZipContainer::ZipContainer(const InputFile& file) : file_(file) {
  const Directory found = find_directory(file);
  if (found.size > directory_limit) file.fail("the zip directory is longer than 16 MiB");
  const std::string bytes = file.read_at(found.offset, found.size);
  ByteCursor directory(bytes, file.name() + ": zip directory");
  std::vector<Record> records;
  while (!directory.at_end()) {
    records.push_back(read_record(directory));
    locate(file, records.back());
  }
  if (records.size() != found.entries) directory.fail("has another number of entries than it says");
  std::ranges::sort(records, {}, &Record::header_offset);
  std::uint64_t end = 0;
  for (const Record& record : records) {
    // Overlapping entries would let a small file ask for any amount of memory.
    if (record.header_offset < end || record.end > found.offset)
      file.fail("the zip entry '" + record.entry.name + "' overlaps another");
    end = record.end;
    if (!entries_.emplace(record.entry.name, record.entry).second)
      file.fail("the zip entry '" + record.entry.name + "' is there twice");
    has_crc_ = has_crc_ || record.entry.crc != 0;
  }
}

const ZipEntry* ZipContainer::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

void ZipContainer::read(const ZipEntry& entry, std::span<std::byte> into) const {
  if (entry.compressed)
    file_.fail("'" + entry.name + "' is compressed; torch.save stores plainly",
               "save the weights again with torch.save");
  file_.read_at(entry.offset, into);
  if (!has_crc_) return;
  const auto sum = ::crc32_z(0, reinterpret_cast<const Bytef*>(into.data()), into.size());
  if (sum != entry.crc)
    file_.fail("'" + entry.name + "' is damaged (CRC-32)", "copy or download the file again");
}

std::string ZipContainer::read(const ZipEntry& entry, std::uint64_t limit) const {
  if (entry.size > limit)
    file_.fail("'" + entry.name + "' is longer than " + std::to_string(limit) + " bytes");
  std::string bytes(static_cast<std::size_t>(entry.size), '\0');
  read(entry, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

}  // namespace amltrain::engine
