#include "support/regular_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "errors.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("what a file was replaced by is neither waited for nor read without an end", "[support]") {
  const TemporaryFolder folder;
  const auto pipe = folder / "pipe", link = folder / "link", plain = folder / "plain";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::filesystem::create_symlink("/dev/zero", link);
  publish_file(plain, "text");
  for (const auto& path : {pipe, link}) {
    CHECK(error_of([&] { read_regular(path); }).kind() == category::bad_input);
    CHECK(error_of([&] { open_regular(path, O_WRONLY | O_APPEND); }).kind() == category::bad_input);
    CHECK(is_irregular(path));
    CHECK_FALSE(open_if_regular(path));
  }
  CHECK(read_regular(plain) == "text");
  CHECK_FALSE(is_irregular(plain));
  CHECK(error_of([&] { read_regular(folder / "none"); }).kind() == category::not_found);
}

TEST_CASE("a link to a regular file is read, but not where links are not followed", "[support]") {
  const TemporaryFolder folder;
  publish_file(folder / "plain", "text");
  std::filesystem::create_symlink("plain", folder / "link");
  CHECK(read_regular(folder / "link") == "text");
  CHECK_FALSE(open_if_regular(folder / "link"));
}
