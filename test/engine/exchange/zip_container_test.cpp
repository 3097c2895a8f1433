#include "engine/exchange/zip_container.hpp"

#include <catch2/catch.hpp>
#include <cstring>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/raw_files.hpp"
#include "engine/exchange/tensors.hpp"
#include "support/errors.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

/// A file of write_pth, and what reading a changed copy of it says.
class Damaged {
 public:
  Damaged() {
    write_pth(file_, small_state());
    bytes_ = read_plain(file_);
  }
  const std::string& bytes() const { return bytes_; }
  std::string read(const std::string& changed) const {
    write_plain(file_, changed);
    const Error problem = error_of([&] { read_weights(file_); });
    CHECK(problem.kind() == category::bad_input);
    return problem.what();
  }
  /// The bytes with `value` in place of what stands `distance` behind the first `mark` at or after `from`.
  std::string with(const std::string& mark, std::size_t distance, const std::string& value,
                   std::size_t from = 0) const {
    std::string changed = bytes_;
    return changed.replace(bytes_.find(mark, from) + distance, value.size(), value);
  }

 private:
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "w.pt";
  std::string bytes_;
};

const std::string local_mark = "PK\x03\x04", central_mark = "PK\x01\x02", end_mark = "PK\x05\x06";

TEST_CASE("a .pt file cut anywhere is refused", "[engine][exchange]") {
  const Damaged file;
  for (std::size_t length = 0; length < file.bytes().size(); length += length < 128 ? 1 : 97)
    file.read(file.bytes().substr(0, length));
  file.read(file.bytes().substr(0, file.bytes().size() - 1));
}

TEST_CASE("a changed byte of a storage is found by its CRC", "[engine][exchange]") {
  const Damaged file;
  std::string changed = file.bytes();
  changed[changed.find(raw(5.0F))] ^= 1;
  CHECK_THAT(file.read(changed), Catch::Contains("'archive/data/0' is damaged"));
}

TEST_CASE("each field of the zip headers that torch.save never writes is refused", "[engine][exchange]") {
  const Damaged file;
  const std::string ones(4, '\xff');
  CHECK_THAT(file.read(file.with(central_mark, 8, std::string("\x01\x00", 2))), Catch::Contains("encrypted"));
  CHECK_THAT(file.read(file.with(central_mark, 10, std::string("\x08\x00", 2))),
             Catch::Contains("compressed"));
  CHECK_THAT(file.read(file.with(central_mark, 20, raw(std::uint32_t{1}))), Catch::Contains("two sizes"));
  CHECK_THAT(file.read(file.with(central_mark, 20, raw(~1U) + raw(~1U))), Catch::Contains("beyond the end"));
  CHECK_THAT(file.read(file.with(central_mark, 42, raw(~1U))), Catch::Contains("cut short"));
  CHECK_THAT(file.read(file.with(central_mark, 42, ones)), Catch::Contains("cut short"));  // no zip64 field
  CHECK_THAT(file.read(file.with(local_mark, 30, "X")), Catch::Contains("names another entry"));
  CHECK_THAT(file.read(file.with(local_mark, 0, "QK")), Catch::Contains("neither a .pth/.pt file"));
  CHECK_THAT(file.read(file.with(end_mark, 10, std::string("\x01\x00", 2))),
             Catch::Contains("number of entries"));
  CHECK_THAT(file.read(file.with(end_mark, 12, ones)), Catch::Contains("16 MiB"));
  CHECK_THAT(file.read(file.with(end_mark, 16, ones)), Catch::Contains("cut short"));
}

TEST_CASE("the zip64 form of sizes, offsets and directory is read", "[engine][exchange]") {
  const TemporaryFolder folder;
  write_pth(folder / "w.pt", small_state());
  const std::string whole = read_plain(folder / "w.pt");
  const std::size_t directory_at = whole.find(central_mark), end_at = whole.find(end_mark);
  std::string directory = whole.substr(directory_at, end_at - directory_at);
  const std::size_t name_at = 46, name_bytes = 16;  // archive/data.pkl, at the start of the file
  std::uint32_t size32 = 0;
  std::memcpy(&size32, directory.data() + 20, sizeof size32);
  const std::uint64_t size = size32;
  directory.replace(20, 8, std::string(8, '\xff'));
  directory.replace(42, 4, std::string(4, '\xff'));
  directory.replace(30, 2, raw(std::uint16_t{28}));
  directory.insert(name_at + name_bytes, raw(std::uint16_t{1}) + raw(std::uint16_t{24}) + raw(size) +
                                             raw(size) + raw(std::uint64_t{0}));
  const auto entries = std::uint64_t{5};
  const std::string end64 = "PK\x06\x06" + raw(std::uint64_t{44}) + std::string(12, '\0') + raw(entries) +
                            raw(entries) + raw(std::uint64_t{directory.size()}) +
                            raw(std::uint64_t{directory_at});
  const std::string locator = "PK\x06\x07" + raw(std::uint32_t{0}) +
                              raw(std::uint64_t{directory_at + directory.size()}) + raw(std::uint32_t{1});
  const std::string end = end_mark + std::string(4, '\0') + std::string(12, '\xff') + std::string(2, '\0');
  write_plain(folder / "w.pt", whole.substr(0, directory_at) + directory + end64 + locator + end);
  CHECK(difference(read_weights(folder / "w.pt"), small_state()) == "");
}

TEST_CASE("entries that share bytes are refused", "[engine][exchange]") {
  const Damaged file;
  const std::size_t second = file.bytes().find(central_mark, file.bytes().find(central_mark) + 1);
  // archive/data.pkl made to reach over all entries behind it.
  const std::uint32_t reach = static_cast<std::uint32_t>(file.bytes().find(central_mark) - 64);
  CHECK_THAT(file.read(file.with(central_mark, 20, raw(reach) + raw(reach))), Catch::Contains("overlaps"));
  // The second entry made the first one again.
  std::string twice = file.bytes();
  const std::size_t first = twice.find(central_mark), header = 46 + 16;  // "archive/data.pkl"
  twice.replace(second, header, twice.substr(first, header));
  CHECK_FALSE(file.read(twice).empty());
}

TEST_CASE("a zip entry that is there twice is refused", "[engine][exchange]") {
  const TemporaryFolder folder;
  AtomicFile file(folder / "w.pt");
  ZipWriter zip(file);
  for (const std::string content : {"one", "two"}) zip.add("a/data.pkl", std::as_bytes(std::span(content)));
  zip.finish();
  file.commit();
  CHECK_THAT(error_of([&] { read_weights(folder / "w.pt"); }).what(),
             Catch::Contains("'a/data.pkl' is there twice"));
}

TEST_CASE("entries begin at multiples of 64 bytes so that they can be mapped", "[engine][exchange]") {
  const TemporaryFolder folder;
  write_pth(folder / "w.pt", all_dtypes_state());
  const InputFile file(folder / "w.pt");
  const ZipContainer zip(file);
  CHECK(zip.entries().size() == all_dtypes_state().entries.size() + 3);
  for (const auto& [name, entry] : zip.entries()) CHECK(entry.offset % 64 == 0);
}

TEST_CASE("zip files that are something else are refused by what they are", "[engine][exchange]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::map<std::string, std::string>& entries) {
    AtomicFile file(folder / "w.pt");
    ZipWriter zip(file);
    for (const auto& [name, bytes] : entries) zip.add(name, std::as_bytes(std::span(bytes)));
    zip.finish();
    file.commit();
    return std::string(error_of([&] { read_weights(folder / "w.pt"); }).what());
  };
  CHECK_THAT(refused({{"a/data.pkl", "."}, {"a/constants.pkl", "."}}), Catch::Contains("TorchScript"));
  CHECK_THAT(refused({{"a/data.pkl", "."}, {"a/byteorder", "big"}}), Catch::Contains("big-endian"));
  CHECK_THAT(refused({{"a/data.pkl", "."}, {"b/data.pkl", "."}}), Catch::Contains("two pickles"));
  CHECK_THAT(refused({{"photo.jpg", "."}}), Catch::Contains("without data.pkl"));
}

}  // namespace
}  // namespace amltrain::engine
