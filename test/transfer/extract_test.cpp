// extract() on archives that behave and on archives that attack.
#include "transfer/extract.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "../support/errors.hpp"
#include "../support/temporary_folder.hpp"
#include "archives.hpp"

using namespace amltrain;
using test::contains;
using test::Entry;
using test::error_of;
using test::Format;
using test::read_plain;
using test::TemporaryFolder;
using test::write_archive;
using Kind = test::Entry::Kind;

namespace {

/// outer/ holds the folder to unpack into and a file that no archive may change.
struct Place {
  TemporaryFolder outer;
  std::filesystem::path archive = outer / "archive", folder = outer / "folder", victim = outer / "victim";

  Place() {
    std::filesystem::create_directory(folder);
    test::write_plain(victim, "untouched");
  }
  /// Unpacks `entries` from an archive of `format`, and checks that it was refused and nothing outside has
  /// changed.
  Error refusal(Format format, const std::vector<Entry>& entries, const ExtractLimits& limits = {}) {
    write_archive(archive, format, entries);
    return refusal_of_archive(limits);
  }
  Error refusal_of_archive(const ExtractLimits& limits = {}) {
    const Error problem = error_of([&] { extract(archive, folder, limits); });
    CHECK(problem.kind() == category::bad_input);
    CHECK(read_plain(victim) == "untouched");
    CHECK(std::filesystem::hard_link_count(victim) == 1);
    CHECK(test::entries_in(outer.path()) == 3);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      CHECK_FALSE((entry.is_symlink() || entry.is_other()));
    return problem;
  }
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("zip and tar, plain or compressed, unpack to the same files", "[transfer]") {
  const Format format =
      GENERATE(Format::zip, Format::tar, Format::tar_gz, Format::tar_bz2, Format::tar_xz, Format::tar_zst);
  Place place;
  const std::string big(1'000'000, 'x');
  write_archive(place.archive, format,
                {{"./", "", Kind::folder},
                 {"birds/", "", Kind::folder},
                 {"birds/train/a.jpg", big},
                 {"./birds//b.jpg", ""},
                 {"birds/Drosselrohrs\xc3\xa4nger.jpg", "c"}});
  const Extracted got = extract(place.archive, place.folder);
  CHECK(got.files == 3);
  CHECK(got.bytes == big.size() + 1);
  CHECK(read_plain(place.folder / "birds/train/a.jpg") == big);
  CHECK(read_plain(place.folder / "birds/b.jpg").empty());
  CHECK(read_plain(place.folder / "birds/Drosselrohrs\xc3\xa4nger.jpg") == "c");
}

TEST_CASE("the archive's permissions are not taken over", "[transfer]") {
  const Format format = GENERATE(Format::zip, Format::tar);
  Place place;
  write_archive(place.archive, format,
                {{"secret/", "", Kind::folder, 0000},
                 {"secret/tool", "x", Kind::file, 06777},
                 {"none", "y", Kind::file, 0}});
  const mode_t mask = umask(022);
  extract(place.archive, place.folder);
  umask(mask);
  CHECK(mode_of(place.folder / "secret") == 0755);
  CHECK(mode_of(place.folder / "secret/tool") == 0644);
  CHECK(mode_of(place.folder / "none") == 0644);
}

TEST_CASE("entries that are not wanted are left out and counted", "[transfer]") {
  Place place;
  write_archive(place.archive, Format::zip, {{"a.jpg", "a"}, {"__MACOSX/a.jpg", "b"}});
  const auto got =
      extract(place.archive, place.folder, {}, [](const std::string& name) { return name == "a.jpg"; });
  CHECK(got.files == 1);
  CHECK(got.left_out == 1);
  CHECK(test::entries_in(place.folder) == 1);
}

TEST_CASE("an archive that would write outside is refused by name", "[transfer]") {
  const Format format = GENERATE(Format::zip, Format::tar, Format::tar_gz, Format::tar_zst);
  const std::string name = GENERATE("../victim", "a/../../victim", "..", "/tmp/amltrain-escaped", "a/b/..");
  Place place;
  const Error problem = place.refusal(format, {{"good", "x"}, {name, "attack"}});
  CHECK(contains(problem.what(), "'" + name + "'"));
  CHECK_FALSE(std::filesystem::exists("/tmp/amltrain-escaped"));
}

TEST_CASE("a symbolic link is refused, so nothing can be written through it", "[transfer]") {
  const Format format = GENERATE(Format::zip, Format::tar);
  Place place;
  const Error problem = place.refusal(
      format, {{"link", place.outer.path().string(), Kind::symbolic_link}, {"link/victim", "attack"}});
  CHECK(contains(problem.what(), "symbolic link"));
}

TEST_CASE("a symbolic link that lay in the folder before is not followed either", "[transfer]") {
  Place place;
  std::filesystem::create_directory_symlink(place.outer.path(), place.folder / "link");
  write_archive(place.archive, Format::tar, {{"link/victim", "attack"}});
  CHECK(error_of([&] { extract(place.archive, place.folder); }).kind() == category::bad_input);
  CHECK(read_plain(place.victim) == "untouched");
}

TEST_CASE("a hard link to a file outside is refused", "[transfer]") {
  Place place;
  const Error problem =
      place.refusal(Format::tar, {{"link", place.victim.string(), Kind::hard_link}, {"link", "attack"}});
  CHECK(contains(problem.what(), "hard link"));
}

TEST_CASE("a device is refused", "[transfer]") {
  Place place;
  CHECK(contains(place.refusal(Format::tar, {{"null", "", Kind::device}}).what(), "device"));
}

TEST_CASE("a name that comes twice is refused, as file or as folder", "[transfer]") {
  const Format format = GENERATE(Format::zip, Format::tar);
  const auto entries =
      GENERATE(std::vector<Entry>{{"a", "1"}, {"a", "2"}}, std::vector<Entry>{{"a", "1"}, {"./a", "2"}},
               std::vector<Entry>{{"a", "1"}, {"a/b", "2"}}, std::vector<Entry>{{"a/b", "1"}, {"a", "2"}},
               std::vector<Entry>{{"a", "1"}, {"a/", "", Kind::folder}});
  Place place;
  CHECK(contains(place.refusal(format, entries).what(), "'a"));
}

TEST_CASE("names with control characters or that are not UTF-8 are refused and shown escaped", "[transfer]") {
  Place place;
  CHECK(contains(place.refusal(Format::tar, {{"a\x1b[2Jb", "x"}}).what(), "a\\x1b[2Jb"));
  CHECK(contains(place.refusal(Format::tar, {{"a\nb", "x"}}).what(), "a\\x0ab"));
  CHECK(contains(place.refusal(Format::tar, {{"gr\xfcn.jpg", "x"}}).what(), "not UTF-8"));
}

TEST_CASE("an encrypted zip is refused", "[transfer]") {
  Place place;
  test::write_encrypted_zip(place.archive, {{"a.jpg", "secret"}});
  CHECK(contains(place.refusal_of_archive().what(), "encrypted"));
}

TEST_CASE("an archive that grows beyond a limit is refused", "[transfer]") {
  const Format format = GENERATE(Format::zip, Format::tar_gz, Format::tar_zst);
  Place place;
  SECTION("in bytes") {
    ExtractLimits limits;
    limits.bytes = 1000;
    place.refusal(format, {{"a", std::string(600, 'x')}, {"b", std::string(401, 'x')}}, limits);
  }
  SECTION("in entries") {
    ExtractLimits limits;
    limits.entries = 3;
    CHECK(contains(
        place.refusal(format, {{"a", ""}, {"b", ""}, {"c/", "", Kind::folder}, {"d", ""}}, limits).what(),
        "3"));
  }
  SECTION("by ratio") {
    const std::string zeros(std::size_t{40} << 20, '\0');
    const Error problem = place.refusal(format, {{"a", zeros}, {"b", zeros}});
    CHECK(contains(problem.what(), "200 times"));
    CHECK_FALSE(std::filesystem::exists(place.folder / "b"));
  }
}

TEST_CASE("a small archive may be mostly zeros", "[transfer]") {
  Place place;
  write_archive(place.archive, Format::tar_zst, {{"a", std::string(std::size_t{50} << 20, '\0')}});
  CHECK(extract(place.archive, place.folder).files == 1);
}

TEST_CASE("a cut archive is refused", "[transfer]") {
  const Format format = GENERATE(Format::zip, Format::tar, Format::tar_gz, Format::tar_zst);
  Place place;
  std::string noise;
  for (unsigned value = 1; noise.size() < 200'000; value = value * 1664525 + 1013904223)
    noise += static_cast<char>(value >> 24);
  write_archive(place.archive, format, {{"a", noise}, {"b", noise}});
  std::filesystem::resize_file(place.archive, std::filesystem::file_size(place.archive) * 3 / 4);
  place.refusal_of_archive();
}

TEST_CASE("a file that is no archive is refused, an absent one is not found", "[transfer]") {
  Place place;
  const std::string content = GENERATE("", "just text", "PK\x03\x04");
  test::write_plain(place.archive, content);
  place.refusal_of_archive();
  CHECK(error_of([&] { extract(place.outer / "absent", place.folder); }).kind() == category::not_found);
}
