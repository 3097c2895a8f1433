#include "support/json.hpp"

#include <catch2/catch.hpp>

#include "errors.hpp"
#include "support/files.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

std::vector<int> values(const std::filesystem::path& path, std::uint64_t& from) {
  std::vector<int> seen;
  from = for_each_json_line(
      path, [&](const json& line) { seen.push_back(line.at("n").get<int>()); }, from);
  return seen;
}

}  // namespace

TEST_CASE("a document of another kind or version is refused with both schemas named", "[support]") {
  const TemporaryFolder folder;
  write_plain(folder / "run.json", R"({"schema": "amltrain.run/2", "id": "x"})");
  const Error other_version = error_of([&] { read_document(folder / "run.json", "amltrain.run/1"); });
  CHECK(other_version.kind() == category::bad_input);
  CHECK(contains(other_version.what(), "amltrain.run/2"));
  CHECK(contains(other_version.what(), "amltrain.run/1"));
  CHECK_FALSE(other_version.hint().empty());
  CHECK_THROWS_AS(read_document(folder / "run.json", "amltrain.model/2"), Error);
  CHECK(read_document(folder / "run.json", "amltrain.run/2")["id"] == "x");
}

TEST_CASE("a document without a schema is refused", "[support]") {
  const TemporaryFolder folder;
  const std::string content = GENERATE(as<std::string>(), "{}", "[]", "3", "null", R"({"schema": 1})");
  write_plain(folder / "a.json", content);
  CHECK(error_of([&] { read_document(folder / "a.json", "amltrain.run/1"); }).kind() == category::bad_input);
}

TEST_CASE("broken JSON is refused with the file and the byte", "[support]") {
  const std::string text =
      GENERATE(as<std::string>(), "", "{", "{\"a\": 1,}", "nul", "[1 2]", "\"\xff\"", "1e999");
  const Error problem = error_of([&] { parse_json(text, "job.json"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "job.json"));
  CHECK_FALSE(contains(problem.what(), "json.exception"));
}

TEST_CASE("a field that is absent or of another type is named, with where it was looked for", "[support]") {
  const json object = {{"name", "birds"}, {"count", 3}, {"none", nullptr}};
  CHECK(field<std::string>(object, "name") == "birds");
  CHECK(field_or<int>(object, "none", 7) == 7);
  CHECK(field_or<int>(object, "absent", 7) == 7);
  const Error missing = error_of([&] { field<int>(object, "steps"); });
  CHECK(contains(missing.what(), "'steps' is missing"));
  CHECK(contains(missing.what(), "birds"));
  const Error wrong = error_of([&] { field_or<int>(object, "name", 1); });
  CHECK(wrong.kind() == category::bad_input);
  CHECK(contains(wrong.what(), "'name'"));
  CHECK_THROWS_AS(field<int>(json::array(), "name"), Error);
}

TEST_CASE("a number that the type does not hold is refused and not cast", "[support]") {
  const json object = json::parse(
      R"({"huge": 5e83, "half": 0.5, "negative": -1, "long": 4294967296, "most": 18446744073709551615, "whole": 7})");
  CHECK(contains(error_of([&] { field<std::uint64_t>(object, "huge"); }).what(), "'huge'"));
  CHECK_THROWS_AS(field<int>(object, "half"), Error);
  CHECK_THROWS_AS(field<std::uint64_t>(object, "negative"), Error);
  CHECK_THROWS_AS(field<int>(object, "long"), Error);
  CHECK_THROWS_AS(field<std::int64_t>(object, "most"), Error);
  CHECK(field<std::uint64_t>(object, "most") == 18446744073709551615U);
  CHECK(field<int>(object, "negative") == -1);
  CHECK(field<double>(object, "whole") == 7);
}

TEST_CASE("a torn last line is skipped until it is whole", "[support]") {
  const TemporaryFolder folder;
  const auto path = folder / "metrics.jsonl";
  std::uint64_t from = 0;
  CHECK(values(path, from).empty());  // absent
  write_plain(path, "{\"n\":1}\n{\"n\":");
  CHECK(values(path, from) == std::vector{1});
  CHECK(values(path, from).empty());
  write_plain(path, "{\"n\":1}\n{\"n\":2}\n");
  CHECK(values(path, from) == std::vector{2});
}

TEST_CASE("a torn line that a later append ended is skipped by readers", "[support]") {
  const TemporaryFolder folder;
  const auto path = folder / "metrics.jsonl";
  write_plain(path, "{\"n\":1}\n{\"n\":");
  append_line(path, "{\"n\":3}");
  std::uint64_t from = 0;
  CHECK(values(path, from) == std::vector{1, 3});
  CHECK(from == std::filesystem::file_size(path));
}

TEST_CASE("a file that is now shorter than the offset has no new lines", "[support]") {
  const TemporaryFolder folder;
  write_plain(folder / "a.jsonl", "{\"n\":1}\n");
  std::uint64_t from = 100;
  CHECK(values(folder / "a.jsonl", from).empty());
  CHECK(from == 100);
}

TEST_CASE("a record that holds other bytes than UTF-8 is refused with the field named", "[support]") {
  CHECK(recorded_text({{"tags", {{"k", "größe"}}}}) == R"({"tags":{"k":"größe"}})");
  CHECK(contains(error_of([] { recorded_text({{"tags", {{"k", "a\xff"}}}}); }).what(), "'tags.k'"));
  CHECK(contains(error_of([] { recorded_text({{"list", {"a", "\xc0\x80"}}}); }).what(), "'list.1'"));
  CHECK(error_of([] { recorded_text({{"a\xff", 1}}); }).kind() == category::bad_input);
}

TEST_CASE("other bytes are replaced for whom they must not stop", "[support]") {
  CHECK(as_utf8("größe") == "größe");
  CHECK(as_utf8("a\xff") == "a\xef\xbf\xbd");
  CHECK(is_utf8(""));
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));
}
