#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "errors.hpp"
#include "support/files.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// A root with a folder in it, a file beside it, and links that lead out of it.
struct Tree {
  TemporaryFolder folder;
  Fd root;
  Tree() {
    std::filesystem::create_directories(folder / "root/inner");
    write_plain(folder / "secret", "secret");
    write_plain(folder / "root/inner/file", "inside");
    std::filesystem::create_symlink("../secret", folder / "root/link");
    std::filesystem::create_directory_symlink("..", folder / "root/up");
    std::filesystem::create_directory_symlink("inner", folder / "root/sideways");
    root = open_folder(folder / "root");
  }
};

}  // namespace

TEST_CASE("files below the root open and are created with the mode asked for", "[support]") {
  const Tree tree;
  CHECK(open_beneath(tree.root.get(), "inner/file", O_RDONLY).get() >= 0);
  const Fd made = open_beneath(tree.root.get(), "inner/new", O_WRONLY | O_CREAT | O_EXCL, 0600);
  struct stat status {};
  REQUIRE(fstat(made.get(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK((fcntl(made.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("no entry leaves the root by .., by an absolute path or by a link", "[support]") {
  const Tree tree;
  const std::string name = GENERATE_COPY(as<std::string>(), "../secret", "inner/../../secret", "/etc/passwd",
                                         "link", "up/secret", "sideways/file");
  const int flags = GENERATE(O_RDONLY, O_WRONLY | O_CREAT);
  const Error problem = error_of([&] { open_beneath(tree.root.get(), name, flags); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), name));
  CHECK(read_plain(tree.folder / "secret") == "secret");
}

TEST_CASE("an absent entry below the root says not found", "[support]") {
  const Tree tree;
  CHECK(error_of([&] { open_beneath(tree.root.get(), "inner/none", O_RDONLY); }).kind() ==
        category::not_found);
}

TEST_CASE("folders are made below the root, again without complaint", "[support]") {
  const Tree tree;
  create_folders_beneath(tree.root.get(), "a/b/c");
  create_folders_beneath(tree.root.get(), "./a/b/d/");
  CHECK(std::filesystem::is_directory(tree.folder / "root/a/b/c"));
  CHECK(std::filesystem::is_directory(tree.folder / "root/a/b/d"));
}

TEST_CASE("no folder is made outside the root or over a file", "[support]") {
  const Tree tree;
  const std::string name =
      GENERATE_COPY(as<std::string>(), "../made", "a/../../made", "/made-by-amltrain-test", "up/made",
                    "sideways/made", "inner/file/made");
  CHECK(error_of([&] { create_folders_beneath(tree.root.get(), name); }).kind() == category::bad_input);
  CHECK_FALSE(std::filesystem::exists(tree.folder / "made"));
  CHECK_FALSE(std::filesystem::exists("/made-by-amltrain-test"));
  CHECK_FALSE(std::filesystem::exists(tree.folder / "root/inner/made"));
}
