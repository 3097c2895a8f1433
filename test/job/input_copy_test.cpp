#include "job/input_copy.hpp"

#include <catch2/catch.hpp>

#include "job/input_location.hpp"
#include "job/job_paths.hpp"
#include "job/run_fixture.hpp"
#include "support/errors.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::read_plain;
using test::TemporaryFolder;
using test::write_plain;

}  // namespace

TEST_CASE("a copy has the files, links followed, and may be changed", "[job]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "from/sub/empty");
  write_plain(folder / "from/a.txt", "a");
  write_plain(folder / "elsewhere.txt", "linked");
  fs::create_symlink(folder / "elsewhere.txt", folder / "from/sub/b.txt");
  fs::create_symlink("nowhere", folder / "from/dangling");
  copy_tree(folder / "from", folder / "made/to");
  CHECK(read_plain(folder / "made/to/a.txt") == "a");
  CHECK(read_plain(folder / "made/to/sub/b.txt") == "linked");
  CHECK(fs::is_regular_file(fs::symlink_status(folder / "made/to/sub/b.txt")));
  CHECK(fs::is_directory(folder / "made/to/sub/empty"));
  CHECK_FALSE(fs::exists(fs::symlink_status(folder / "made/to/dangling")));
  write_plain(folder / "made/to/sub/b.txt", "changed");
  CHECK(read_plain(folder / "elsewhere.txt") == "linked");
}

TEST_CASE("a file is copied as what it is", "[job]") {
  const TemporaryFolder folder;
  write_plain(folder / "tool", "#!/bin/sh\n");
  fs::permissions(folder / "tool", fs::perms::owner_exec, fs::perm_options::add);
  copy_tree(folder / "tool", folder / "made/tool");
  CHECK((fs::status(folder / "made/tool").permissions() & fs::perms::owner_exec) != fs::perms::none);
}

TEST_CASE("a folder that holds itself, or its copy, can't be copied", "[job]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "from/sub");
  SECTION("by a link") {
    fs::create_directory_symlink("..", folder / "from/sub/up");
    CHECK(test::contains(error_of([&] { copy_tree(folder / "from", folder / "to"); }).what(), "leads back"));
  }
  SECTION("by its place") {
    CHECK(test::contains(error_of([&] { copy_tree(folder / "from", folder / "from/sub/to"); }).what(),
                         "holds the run's own folder"));
  }
}

TEST_CASE("what is copied is found below the run, by the name that it had", "[job]") {
  const test::Runs runs;
  write_plain(runs.folder / "table.csv", "x");
  fs::create_directory(runs.folder / "images");
  const auto path = [&](JobInput input) {
    return path_of_input(runs.workspace, "n", input, "/run").string();
  };
  CHECK(path({"uri_file", runs.folder / "table.csv"}) == (runs.folder / "table.csv").string());
  CHECK(path({"uri_file", runs.folder / "table.csv", "download"}) == "/run/inputs/n/table.csv");
  CHECK(path({"uri_folder", runs.folder / "images", "download"}) == "/run/inputs/n");
  CHECK(path({"uri_file", "https://host/a/b.csv?key=1"}) == "/run/inputs/n/b.csv");
  CHECK(path({"uri_folder", "https://host/a.zip"}) == "/run/inputs/n");
  CHECK(file_name_of_url("https://host") == "file");
  CHECK(file_name_of_url("https://host/..") == "file");
  CHECK(file_name_of_url("https://host/a%2Fb") == "file");
}

TEST_CASE("a run that can't get its input fails before its command, and says which", "[job]") {
  const test::Runs runs;
  JobDefinition job;
  job.command = "true";
  job.inputs["table"] = {"uri_file", "http://127.0.0.1:9/none.csv"};
  const RunRecord run = runs.wait(runs.submit_job(job));
  CHECK(run.state == State::failed);
  CHECK_FALSE(run.started_at);
  REQUIRE(run.failure);
  CHECK(run.failure->stage == "Preparing");
  CHECK(run.failure->category == "environment");
  CHECK(test::contains(run.failure->message, "input 'table': "));
}

}  // namespace amltrain
