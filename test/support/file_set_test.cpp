#include "support/file_set.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "errors.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

struct Outputs {
  TemporaryFolder folder;
  std::filesystem::path from = folder / "from", to = folder / "to";
  std::vector<HashedFile> files;
  Outputs() {
    std::filesystem::create_directories(from / "deep/er");
    write_plain(from / "model.pt", std::string(200'000, 'm'));
    write_plain(from / "deep/er/labels.json", "[]");
    files = hash_tree(from);
  }
};

}  // namespace

TEST_CASE("a tree is hashed sorted by path, without links, special files and temporary files", "[support]") {
  const Outputs outputs;
  std::filesystem::create_symlink("model.pt", outputs.from / "link");
  std::filesystem::create_directory_symlink("deep", outputs.from / "loop");
  write_plain(outputs.from / ".amltrain-tmp-0011223344556677", "half");
  REQUIRE(mkfifo((outputs.from / "pipe").c_str(), 0600) == 0);
  const auto files = hash_tree(outputs.from, "outputs/");
  REQUIRE(files.size() == 2);
  CHECK(files[0] == HashedFile{"outputs/deep/er/labels.json", 2, sha256_of("[]")});
  CHECK(files[1] == HashedFile{"outputs/model.pt", 200'000, sha256_of(std::string(200'000, 'm'))});
  CHECK(hash_tree(outputs.folder / "absent").empty());
}

TEST_CASE("who asks is told what a tree has besides files with names that documents can hold", "[support]") {
  const Outputs outputs;
  std::filesystem::create_symlink("model.pt", outputs.from / "deep/link");
  write_plain(outputs.from / "\xff.txt", "x");
  std::vector<std::string> left_out;
  CHECK(hash_tree(outputs.from, "", &left_out) == outputs.files);
  std::sort(left_out.begin(), left_out.end());
  REQUIRE(left_out.size() == 2);
  CHECK(left_out[0] == "deep/link (a link)");
  CHECK(contains(left_out[1], ".txt (its name is not UTF-8)"));
  CHECK(is_utf8(left_out[1]));
}

TEST_CASE("who asks is told of files that no path leads to, however deep they lie", "[support]") {
  const Outputs outputs;
  Fd folder = open_folder(outputs.from);
  for (int depth = 0; depth < 1500; ++depth) {
    REQUIRE(mkdirat(folder.get(), "abc", 0755) == 0);
    folder = open_beneath(folder.get(), "abc", O_RDONLY | O_DIRECTORY);
  }
  const Fd file = open_beneath(folder.get(), "file", O_WRONLY | O_CREAT);
  std::vector<std::string> left_out;
  CHECK(hash_tree(outputs.from, "outputs/", &left_out).size() == outputs.files.size());
  REQUIRE(left_out.size() == 1);
  CHECK(contains(left_out[0], "... (its path is too long)"));
  CHECK(left_out[0].size() < 300);
}

TEST_CASE("a hashed file survives its JSON", "[support]") {
  const HashedFile file{"outputs/a", 12, sha256_of("a")};
  CHECK(parse_hashed_file(json(file)) == file);
  CHECK_THROWS_AS(parse_hashed_file(json{{"path", "a"}, {"bytes", "many"}}), Error);
}

TEST_CASE("a verified copy has the same content below a new folder", "[support]") {
  const Outputs outputs;
  copy_verified(outputs.files, outputs.from, outputs.to, false);
  CHECK(hash_tree(outputs.to) == outputs.files);
}

TEST_CASE("an existing target stops the copy before anything is written", "[support]") {
  const Outputs outputs;
  std::filesystem::create_directory(outputs.to);
  write_plain(outputs.to / "model.pt", "mine");
  const Error problem = error_of([&] { copy_verified(outputs.files, outputs.from, outputs.to, false); });
  CHECK(problem.kind() == category::conflict);
  CHECK(contains(problem.what(), "model.pt"));
  CHECK(entries_in(outputs.to) == 1);
  copy_verified(outputs.files, outputs.from, outputs.to, true);
  CHECK(hash_tree(outputs.to) == outputs.files);
}

TEST_CASE("content that changed since it was hashed is not copied under its name", "[support]") {
  const Outputs outputs;
  write_plain(outputs.from / "model.pt", std::string(200'000, 'n'));
  const Error problem = error_of([&] { copy_verified(outputs.files, outputs.from, outputs.to, false); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "model.pt"));
  CHECK_FALSE(std::filesystem::exists(outputs.to / "model.pt"));
  CHECK(entries_in(outputs.to) == 1);  // deep/, which came before it
}

TEST_CASE("a recorded path cannot leave either folder", "[support]") {
  const Outputs outputs;
  write_plain(outputs.folder / "secret", "s");
  std::filesystem::create_symlink("../secret", outputs.from / "link");
  const std::string path = GENERATE(as<std::string>(), "../secret", "/etc/hostname", "deep/../../secret",
                                    "link", "..", "", "deep/");
  const std::vector<HashedFile> files{{path, 1, sha256_of("s")}};
  CHECK_THROWS_AS(copy_verified(files, outputs.from, outputs.folder / "to/inner", true), Error);
  CHECK(read_plain(outputs.folder / "secret") == "s");
  CHECK_FALSE(std::filesystem::exists(outputs.folder / "to/secret"));
}

TEST_CASE("verification says of each file what is wrong with it", "[support]") {
  const Outputs outputs;
  CHECK(verify_files(outputs.files, outputs.from).empty());
  write_plain(outputs.from / "model.pt", std::string(200'000, 'n'));
  write_plain(outputs.from / "deep/er/labels.json", "[1]");
  auto files = outputs.files;
  files.push_back({"gone.json", 1, sha256_of("")});
  const auto faults = verify_files(files, outputs.from);
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].path == "deep/er/labels.json");
  CHECK(faults[0].problem == "has 3 bytes, not 2");
  CHECK(faults[1].problem == "content changed");
  CHECK(faults[2].problem == "missing");
  CHECK(verify_files(outputs.files, outputs.folder / "absent").size() == 2);
}
