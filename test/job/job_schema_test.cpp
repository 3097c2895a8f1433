#include "job/job_schema.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "job/job_explanation.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

std::vector<FieldAccount> explain(const std::string& content) {
  const test::TemporaryFolder folder;
  test::write_plain(folder / "job.yml", content);
  return explain_job_file(folder / "job.yml", {}).fields;
}

std::string standings(const std::string& content) {
  std::string text;
  for (const FieldAccount& field : explain(content))
    text += std::to_string(field.line) + " " + field.path + " " + name_of(field.standing) + "\n";
  return text;
}

}  // namespace

TEST_CASE("no two rows of the schema are about the same value of the same field", "[job]") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const SchemaRow& row : job_schema()) {
    CAPTURE(row.path, row.value);
    CHECK(seen.insert({row.path, row.value}).second);
    CHECK_FALSE(row.here.empty());
    // A field is refused by its value: a row that refuses any would never say which.
    CHECK((row.standing != Standing::refused || !row.value.empty()));
  }
}

TEST_CASE("the members of a path are those of the rows below it", "[job]") {
  CHECK(schema_members("limits") == std::vector<std::string>{"timeout", "max_restarts", "queue_timeout"});
  CHECK(schema_members("inputs.*") == std::vector<std::string>{"type", "path", "mode"});
  CHECK(schema_members("inputs").empty());
  CHECK(has_schema_members("inputs"));
  CHECK_FALSE(has_schema_members("input"));
  CHECK_FALSE(has_schema_members("tags"));
}

TEST_CASE("each field is told with its line, in the order of the file", "[job]") {
  CHECK(standings(
            "command: a\ninputs:\n  x: 1\n  d:\n    path: a\n    mode: download\nservices: {a: {b: 1}}\n") ==
        "1 command honoured\n3 inputs.x honoured\n5 inputs.d.path honoured\n6 inputs.d.mode honoured\n"
        "7 services no_meaning\n");
}

TEST_CASE("every fault is told, and reading throws the first", "[job]") {
  const test::TemporaryFolder folder;
  test::write_plain(folder / "job.yml", "comand: a\nlimits: {timeout: soon, tmeout: 1}\ncompute: [a]\n");
  const JobExplanation told = explain_job_file(folder / "job.yml", {});
  REQUIRE(told.faults.size() == 5);
  CHECK(json(told)["ok"] == false);
  CHECK(
      standings("comand: a\nlimits: {timeout: soon, tmeout: 1}\ncompute: [a]\n") ==
      "1 comand refused\n2 limits.timeout refused\n2 limits.tmeout refused\n3 compute refused\n1  refused\n");
  CHECK(std::string(told.faults.front().what()) ==
        test::error_of([&] { read_job_file(folder / "job.yml"); }).what());
}

TEST_CASE("a placeholder that is not defined is told, though an option may still define it", "[job]") {
  const auto fields = explain("command: a ${{inputs.data}}\n");
  REQUIRE(fields.size() == 1);
  CHECK(fields.front().standing == Standing::refused);
  const test::TemporaryFolder folder;
  test::write_plain(folder / "job.yml", "command: a ${{inputs.data}}\n");
  CHECK_NOTHROW(read_job_file(folder / "job.yml"));
}

}  // namespace amltrain
