#include "snapshot/scan.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "support/errors.hpp"
#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TemporaryFolder;

std::vector<std::string> paths(const auto& entries) {
  std::vector<std::string> paths;
  for (const auto& entry : entries) paths.push_back(entry.path);
  return paths;
}

}  // namespace

TEST_CASE("a snapshot names each file by its content, and knows which can be run", "[snapshot]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "src/deep");
  test::write_plain(folder / "train.sh", "echo hi\n");
  test::write_plain(folder / "src/deep/a.py", "");
  fs::permissions(folder / "train.sh", fs::perms::owner_all);
  const SourceScan scan = scan_source(folder.path());
  CHECK(scan.folder == folder.path());
  CHECK(scan.snapshot.files == std::vector<SnapshotFile>{{{"src/deep/a.py", 0, sha256_of("")}, false},
                                                         {{"train.sh", 8, sha256_of("echo hi\n")}, true}});
  CHECK(scan.snapshot.bytes() == 8);
}

TEST_CASE("the hash of a snapshot is that of paths, contents and modes, and of nothing else", "[snapshot]") {
  const TemporaryFolder one, two;
  for (const TemporaryFolder* folder : {&one, &two}) {
    test::write_plain(*folder / "a", "1");
    test::write_plain(*folder / "b", "2");
  }
  const std::string hash = scan_source(one.path()).snapshot.sha256();
  CHECK(hash.size() == 64);
  CHECK(scan_source(two.path()).snapshot.sha256() == hash);
  SECTION("content") { test::write_plain(two / "a", "2"); }
  SECTION("name") { fs::rename(two / "a", two / "c"); }
  SECTION("mode") { fs::permissions(two / "a", fs::perms::owner_all); }
  SECTION("a link more") { fs::create_symlink("a", two / "c"); }
  CHECK(scan_source(two.path()).snapshot.sha256() != hash);
}

TEST_CASE("repositories, workspaces and what a run makes stay behind", "[snapshot]") {
  const TemporaryFolder folder;
  for (const char* name : {".git", "sub/.git", ".amltrain", "outputs", "logs", "sub/outputs"}) {
    fs::create_directories(folder / name);
    test::write_plain(folder / name / "x", "");
  }
  test::write_plain(folder / "train.py", "");
  const SourceScan scan = scan_source(folder.path());
  CHECK(paths(scan.snapshot.files) == std::vector<std::string>{"sub/outputs/x", "train.py"});
  CHECK(paths(scan.held_back) == std::vector<std::string>{"logs/", "outputs/"});
}

TEST_CASE("links go as they are when they stay inside, and nothing is read through one", "[snapshot]") {
  const TemporaryFolder folder, outside;
  test::write_plain(outside / "secret", "x");
  fs::create_directories(folder / "src");
  test::write_plain(folder / "a", "");
  fs::create_symlink("../a", folder / "src/up");
  fs::create_symlink("../../a", folder / "src/out");
  fs::create_symlink(outside.path(), folder / "away");
  fs::create_symlink(outside / "secret", folder / "file");
  const SourceScan scan = scan_source(folder.path());
  CHECK(paths(scan.snapshot.files) == std::vector<std::string>{"a"});
  CHECK(scan.snapshot.links == std::vector<SnapshotLink>{{"src/up", "../a"}});
  CHECK(paths(scan.held_back) == std::vector<std::string>{"away", "file", "src/out"});
}

TEST_CASE("secrets are held back with their reason, unless a pattern names them", "[snapshot]") {
  const TemporaryFolder folder;
  test::write_plain(folder / ".env", "PASSWORD=x\n");
  test::write_plain(folder / "call.py", "token = 'hf_" + std::string(34, 'x') + "'\n");
  test::write_plain(folder / "train.py", "");
  SourceScan scan = scan_source(folder.path());
  CHECK(paths(scan.snapshot.files) == std::vector<std::string>{"train.py"});
  REQUIRE(paths(scan.held_back) == std::vector<std::string>{".env", "call.py"});
  CHECK(scan.held_back[0].secret);
  CHECK(scan.held_back[1].reason == "it holds a Hugging Face token");
  test::write_plain(folder / ".gitignore", "*\n!*.py\n!.env\n");
  scan = scan_source(folder.path());
  CHECK(paths(scan.snapshot.files) == std::vector<std::string>{".env", "train.py"});
  CHECK(paths(scan.held_back) == std::vector<std::string>{"call.py"});
}

TEST_CASE("what is no file, or has no name that can be written down, stays behind", "[snapshot]") {
  const TemporaryFolder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  test::write_plain(folder / "caf\xE9.py", "");
  test::write_plain(folder / "train.py", "");
  const SourceScan scan = scan_source(folder.path());
  CHECK(paths(scan.snapshot.files) == std::vector<std::string>{"train.py"});
  CHECK(paths(scan.held_back) == std::vector<std::string>{"caf\xEF\xBF\xBD.py", "pipe"});
}

TEST_CASE("a source that is not there, or of which nothing is left, is refused", "[snapshot]") {
  const TemporaryFolder folder;
  CHECK(error_of([&] { scan_source(folder / "none"); }).kind() == category::not_found);
  CHECK(error_of([&] { scan_source(folder.path()); }).kind() == category::bad_input);
  test::write_plain(folder / ".gitignore", "*\n");
  test::write_plain(folder / "train.py", "");
  CHECK(error_of([&] { scan_source(folder.path()); })
            .hint()
            .starts_with("2 entries are ignored by .gitignore"));
}

}  // namespace amltrain
