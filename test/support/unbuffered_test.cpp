#include "support/unbuffered.hpp"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "errors.hpp"
#include "support/files.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// Memory that begins at a page, or `shift` bytes after it.
class Memory {
 public:
  Memory(std::size_t size, std::size_t shift)
      : page_(static_cast<std::byte*>(std::aligned_alloc(kPage, (size + shift) / kPage * kPage + kPage)),
              &std::free),
        bytes_(page_.get() + shift, size) {
    for (std::size_t i = 0; i < size; ++i) bytes_[i] = static_cast<std::byte>(i * 31 + i / 257);
  }
  std::span<std::byte> bytes() const { return bytes_; }
  std::string text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  std::unique_ptr<std::byte, decltype(&std::free)> page_;
  std::span<std::byte> bytes_;
};

bool comes_back(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  Checksum sum;
  if (!reads_back(file, bytes, sum)) return false;
  CHECK(sum.finish() == checksum_of(bytes));
  return true;
}

void write_to(const std::filesystem::path& file, const Memory& memory) {
  const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  write_unbuffered(fd.get(), memory.bytes(), file);
}

}  // namespace

TEST_CASE("what is written past the page cache is all there, whatever its size and place in memory",
          "[support]") {
  const TemporaryFolder folder;
  const std::size_t size = GENERATE(0, 1, 4095, 4096, 4097, 8 << 20, (8 << 20) + 4096 + 5, (9 << 20) - 1);
  const std::size_t shift = GENERATE(0, 8);
  const Memory memory(size, shift);
  write_to(folder / "a", memory);
  CHECK(read_plain(folder / "a") == memory.text());
  CHECK(comes_back(folder / "a", memory.bytes()));
}

TEST_CASE("a file that does not read back as it was written is told", "[support]") {
  const TemporaryFolder folder;
  const Memory memory((2 << 20) + 7, 0);
  write_to(folder / "a", memory);
  for (const std::size_t at : {std::size_t{0}, std::size_t{2 << 20}, memory.bytes().size() - 1}) {
    memory.bytes()[at] ^= std::byte{1};
    CHECK_FALSE(comes_back(folder / "a", memory.bytes()));
    memory.bytes()[at] ^= std::byte{1};
  }
  CHECK_FALSE(comes_back(folder / "a", memory.bytes().first(2 << 20)));
  const Memory longer((2 << 20) + 8, 0);
  CHECK_FALSE(comes_back(folder / "a", longer.bytes()));
  CHECK(error_of([&] { comes_back(folder / "none", memory.bytes()); }).kind() == category::not_found);
}

TEST_CASE("a disk that is full is a fault of the machine", "[support]") {
  const Memory memory(8192, 0);
  const Fd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  const Error problem = error_of([&] { write_unbuffered(full.get(), memory.bytes(), "/dev/full"); });
  CHECK(problem.kind() == category::environment);
}
