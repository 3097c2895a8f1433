#include "support/hash.hpp"

#include <catch2/catch.hpp>

#include "errors.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("SHA-256 gives the digests of FIPS 180-4", "[support]") {
  CHECK(sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 million;
  for (int i = 0; i < 1000; ++i) million.update(std::string(1000, 'a'));
  CHECK(million.finish() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a file has the digest of its content", "[support]") {
  const TemporaryFolder folder;
  const std::string content(300'001, 'x');
  write_plain(folder / "a", content);
  CHECK(sha256_of_file(folder / "a") == sha256_of(content));
  CHECK(error_of([&] { sha256_of_file(folder / "none"); }).kind() == category::not_found);
}

TEST_CASE("random hex has the length asked for and does not repeat", "[support]") {
  CHECK(random_hex(4).size() == 8);
  CHECK(random_hex(16).find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(random_hex(16) != random_hex(16));
}
