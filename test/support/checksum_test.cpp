#include "support/checksum.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "errors.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

// Judged by Python's integers: the formula of RFC 8439, 2.5.1, in eight lines.
TEST_CASE("the checksum is Poly1305 under the key of the bytes 0 to 31", "[support]") {
  CHECK(checksum_of(bytes("")) == "101112131415161718191a1b1c1d1e1f");
  CHECK(checksum_of(bytes("abc")) == "e591505e87b0d9022c557ea7d0f9224c");
  Checksum million;
  for (int i = 0; i < 1000; ++i) million.update(bytes(std::string(1000, 'a')));
  CHECK(million.finish() == "74433e0a2045bc87d1335930e8cb74b9");
}

TEST_CASE("the checksum of a file is that of its content, and any flipped bit changes it", "[support]") {
  const TemporaryFolder folder;
  std::string content(300'000, 'x');
  write_plain(folder / "a", content);
  const std::string sum = checksum_of_file(folder / "a");
  CHECK(sum == checksum_of(bytes(content)));
  for (const std::size_t at : {0, 15, 16, 262'144, 299'999}) {
    std::string damaged = content;
    damaged[at] ^= 4;
    CHECK(checksum_of(bytes(damaged)) != sum);
  }
  CHECK(error_of([&] { checksum_of_file(folder / "none"); }).kind() == category::not_found);
}
