// Which files stay, judged by git.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "snapshot/git_judge.hpp"
#include "snapshot/scan.hpp"
#include "support/error.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

using test::TemporaryFolder;
using Texts = std::map<std::string, std::string>;

/// Names that patterns meet or just miss, at several depths.
const std::vector<std::string> kTree{"a",
                                     "b.txt",
                                     "ab",
                                     "abc/x",
                                     "abc/y/z.o",
                                     "foo/bar",
                                     "foo/bar.o",
                                     "foo/a/bar",
                                     "foo/a/b/bar",
                                     "deep/foo/bar",
                                     "!keep",
                                     "#hash",
                                     "sp ace",
                                     "trail ",
                                     "[x]",
                                     "star*",
                                     "back\\slash",
                                     "q?",
                                     "build/x.o",
                                     "build/keep.c",
                                     "src/build/y.o",
                                     "src/main.c",
                                     "src/a-b",
                                     "src/a_b",
                                     "src/aXb",
                                     "src/1",
                                     "src/].c",
                                     "src/^",
                                     ".hidden",
                                     "src/.hidden",
                                     "x/y/z/w.txt",
                                     "x/w.txt",
                                     "tmp/tmp",
                                     "caf\xC3\xA9/t",
                                     "A/UPPER.O",
                                     "aa/bb/cc/dd",
                                     "aa/cc/dd",
                                     "aabb",
                                     "data.tar.gz",
                                     "data/1.jpg",
                                     "data/keep/2.jpg"};

void make_tree(const std::filesystem::path& root, const Texts& ignore_files) {
  for (const std::string& name : kTree) {
    std::filesystem::create_directories((root / name).parent_path());
    test::write_plain(root / name, name);
  }
  std::filesystem::create_symlink("abc", root / "link");
  std::filesystem::create_symlink("a", root / "src" / "alink");
  for (const auto& [name, text] : ignore_files) {
    std::filesystem::create_directories((root / name).parent_path());
    test::write_plain(root / name, text);
  }
}

bool git_is_there() {
  if (!test::has_git()) WARN("skipped: no git");
  return test::has_git();
}

std::vector<std::string> we_keep(const std::filesystem::path& folder) {
  std::vector<std::string> kept;
  SourceScan scan;
  try {
    scan = scan_source(folder);
  } catch (const Error& problem) {  // of nothing there is no snapshot
    if (problem.kind() == category::bad_input) return kept;
    throw;
  }
  for (const SnapshotFile& file : scan.snapshot.files) kept.push_back(file.path);
  for (const SnapshotLink& link : scan.snapshot.links) kept.push_back(link.path);
  std::sort(kept.begin(), kept.end());
  return kept;
}

void check_as_git(const Texts& ignore_files, const std::string& below = "") {
  const TemporaryFolder folder;
  make_tree(folder.path(), ignore_files);
  test::git_init(folder.path());
  std::string given;
  for (const auto& [name, text] : ignore_files) given += name + ":\n" + text + '\n';
  INFO(given);
  CHECK(we_keep(folder / below) == test::git_keeps(folder / below));
}

}  // namespace

TEST_CASE("every rule of an ignore file means what git makes of it", "[snapshot][reference]") {
  if (!git_is_there()) return;
  const char* const table[] = {"",
                               "# comment\n\n",
                               "\\#hash",
                               "\\!keep",
                               "!keep",
                               "a",
                               "a\r\n",
                               "/a",
                               "*.o",
                               "*.O",
                               "foo/",
                               "foo/bar",
                               "/foo/bar",
                               "bar",
                               "bar/",
                               "foo/*",
                               "foo/**",
                               "foo/**/bar",
                               "**/bar",
                               "**/foo/bar",
                               "abc/**",
                               "abc/*",
                               "a*",
                               "?",
                               "a?",
                               "src/a?b",
                               "src/a[-_]b",
                               "src/a[!-]b",
                               "src/a[^_]b",
                               "src/a[A-Z]b",
                               "src/[[:digit:]]",
                               "src/a[[:upper:]_]b",
                               "src/[]].c",
                               "src/[\\]].c",
                               "src/[^]",
                               "src/[\\^]",
                               "[",
                               "[a",
                               "src/[[:nope:]]",
                               "src/[a[:]",
                               "\\[x\\]",
                               "[[]x]",
                               "star\\*",
                               "back\\\\slash",
                               "q\\?",
                               "a\\",
                               "sp ace",
                               "sp\\ ace",
                               "trail ",
                               "trail\\ ",
                               "trail\\ \\  ",
                               "trail   ",
                               "*\n!b.txt",
                               "*\n!*/\n!*.c",
                               "build/\n!build/keep.c",
                               "build/*\n!build/keep.c",
                               "/build",
                               "build",
                               "src/*\n!src/main.c\n",
                               "data/*\n!data/keep/",
                               "data/**\n!data/keep/\n!data/keep/**",
                               "/*\n!/src\n",
                               ".*",
                               ".hidden",
                               "/.hidden",
                               "x/**/w.txt",
                               "x/**w.txt",
                               "x**/w.txt",
                               "**",
                               "**/",
                               "/**",
                               "***",
                               "***/bar",
                               "**/**/bar",
                               "aa/**/dd",
                               "aa/**/cc/**/dd",
                               "a**b",
                               "aa**/cc/dd",
                               "aa/**\\/dd",
                               "/",
                               "//",
                               "foo//bar",
                               "foo//",
                               "!",
                               "link/",
                               "link",
                               "link/x",
                               "alink",
                               "caf?/t",
                               "caf?[!x]/t",
                               "caf\xC3\xA9/",
                               "*.tar.*",
                               "*a*b*",
                               "**a**",
                               "tmp/tmp/",
                               "tmp",
                               "\xEF\xBB\xBF*.o",
                               "a\n!a\na",
                               "src/[a-c]*",
                               "src/[c-a]*",
                               "src/[a-]*",
                               "src/[]-a]*",
                               "src/[!a]*",
                               "src/[!]a]*",
                               "foo/bar/",
                               "abc/y/",
                               "deep/**/",
                               "x/**/",
                               "[!/]*",
                               "foo[/]bar",
                               "foo?bar",
                               "f*r"};
  for (const char* text : table) check_as_git({{".gitignore", text}});
}

TEST_CASE("an ignore file deeper down is heard first, and none in an ignored folder",
          "[snapshot][reference]") {
  if (!git_is_there()) return;
  check_as_git({{".gitignore", "*.o\n"}, {"build/.gitignore", "!x.o\n"}});
  check_as_git({{".gitignore", "!*.o\n"}, {"foo/.gitignore", "*.o\n/a/\n"}});
  check_as_git({{".gitignore", "build/\n"}, {"build/.gitignore", "!*\n"}});
  check_as_git({{".gitignore", "bar\n"}, {"foo/.gitignore", "a/b\n"}, {"foo/a/.gitignore", "!bar\n"}});
  check_as_git({{"abc/y/.gitignore", "/z.o\n"}, {"src/.gitignore", "build/y.o\n/abc\n"}});
}

TEST_CASE("a folder inside a repository hears the ignore files above it", "[snapshot][reference]") {
  if (!git_is_there()) return;
  check_as_git({{".gitignore", "*.o\nsrc/a_b\n/build/\n"}}, "src");
  check_as_git({{".gitignore", "foo/a/b/\n"}, {"foo/.gitignore", "!bar\n/a/bar\n"}}, "foo/a");
  check_as_git({{".git/info/exclude", "*.o\nsrc/a-b\n"}, {".gitignore", "!y.o\n"}}, "src");
}

TEST_CASE("patterns drawn at random mean what git makes of them", "[snapshot][reference]") {
  if (!git_is_there()) return;
  const char* const pieces[] = {"a",   "b",   "foo", "bar",   "src",  "/",  "/",  "*",  "**",
                                "**/", "/**", "?",   "[a-f]", "[!a]", "\\", ".",  "x",  "aa",
                                "cc",  "[",   "]",   "!",     "-",    "_",  ".o", ".c", "build"};
  std::mt19937 draw(7);
  const auto below = [&](unsigned count) { return draw() % count; };
  for (int round = 0; round < 150; ++round) {
    std::string text;
    for (unsigned line = 0; line < 1 + below(4); ++line) {
      if (below(4) == 0) text += '!';
      for (unsigned piece = 0; piece < 1 + below(5); ++piece) text += pieces[below(std::size(pieces))];
      text += '\n';
    }
    INFO(text);
    check_as_git({{".gitignore", text + "!/a\n"}});
  }
}

TEST_CASE("where .amlignore is, its patterns count and .gitignore's do not", "[snapshot]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "sub");
  for (const char* name : {"a.o", "a.py", "sub/b.o", "sub/b.py"}) test::write_plain(folder / name, name);
  test::write_plain(folder / ".gitignore", "*.o\n");
  test::write_plain(folder / "sub/.gitignore", "*\n");
  CHECK(we_keep(folder.path()) == std::vector<std::string>{".gitignore", "a.py"});
  test::write_plain(folder / ".amlignore", "*.py\n.*\n");
  test::write_plain(folder / "sub/.amlignore", "!b.py\n");
  CHECK(we_keep(folder.path()) == std::vector<std::string>{"a.o", "sub/b.o", "sub/b.py"});
  CHECK(scan_source(folder.path()).ignore_file == ".amlignore");
}

}  // namespace amltrain
