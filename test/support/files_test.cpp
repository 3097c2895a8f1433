#include "support/files.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "errors.hpp"
#include "faults.hpp"
#include "temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("a published file replaces the old one and leaves nothing beside it", "[support]") {
  const TemporaryFolder folder;
  publish_file(folder / "a.json", "old");
  publish_file(folder / "a.json", "new");
  CHECK(read_plain(folder / "a.json") == "new");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a file is not visible before commit and vanishes without it", "[support]") {
  const TemporaryFolder folder;
  {
    AtomicFile file(folder / "model.pt");
    file.write("half");
    CHECK_FALSE(std::filesystem::exists(folder / "model.pt"));
    CHECK(entries_in(folder.path()) == 1);
  }
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("the temporary file of a killed writer is known by its name", "[support]") {
  const TemporaryFolder folder;
  const AtomicFile file(folder / "model.pt");
  const auto left = std::filesystem::directory_iterator(folder.path())->path().filename().string();
  CHECK(is_temporary_name(left));
  CHECK_FALSE(is_temporary_name("model.pt"));
}

TEST_CASE("the refuse policy keeps the existing file and says conflict", "[support]") {
  const TemporaryFolder folder;
  publish_file(folder / "run.json", "first", AtomicFile::existing::refuse);
  const Error problem =
      error_of([&] { publish_file(folder / "run.json", "second", AtomicFile::existing::refuse); });
  CHECK(problem.kind() == category::conflict);
  CHECK(read_plain(folder / "run.json") == "first");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("publishing into a folder that is not there says not found and names the file", "[support]") {
  const TemporaryFolder folder;
  const Error problem = error_of([&] { publish_file(folder / "absent/a.json", "x"); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.what(), "absent/a.json"));
}

TEST_CASE("after a failed fsync nothing is published and the old file stays", "[support]") {
  const TemporaryFolder folder;
  write_plain(folder / "state.json", "old");
  const FailingFsync fault(1, EIO);
  const Error problem = error_of([&] { publish_file(folder / "state.json", "new"); });
  CHECK(problem.kind() == category::environment);
  CHECK(read_plain(folder / "state.json") == "old");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a new name is taken back when its folder cannot be flushed", "[support]") {
  const TemporaryFolder folder;
  const FailingFsync fault(2, ENOSPC);
  const Error problem = error_of([&] { publish_file(folder / "a", "x", AtomicFile::existing::refuse); });
  CHECK(problem.kind() == category::environment);
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("short writes and interrupted writes are carried on", "[support]") {
  const TemporaryFolder folder;
  const std::string content(10'000, 'x');
  {
    const StutteringWrite fault;
    publish_file(folder / "a", content + "end");
  }
  CHECK(read_plain(folder / "a") == content + "end");
}

TEST_CASE("a file over the size limit of the process fails as an environment fault and leaves nothing",
          "[support]") {
  const TemporaryFolder folder;
  struct rlimit before {};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { 4096, before.rlim_max };
  setrlimit(RLIMIT_FSIZE, &small);
  const Error problem = error_of([&] { publish_file(folder / "big", std::string(10'000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  CHECK(problem.kind() == category::environment);
  CHECK_FALSE(problem.hint().empty());
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("appending to a full disk throws an environment fault that says so", "[support]") {
  const Error problem = error_of([] { append_line("/dev/full", "{}"); });
  CHECK(problem.kind() == category::environment);
  CHECK(problem.exit_code() == 7);
  CHECK(contains(problem.what(), "No space left"));
}

TEST_CASE("an append starts on a new line after a torn last line", "[support]") {
  const TemporaryFolder folder;
  append_line(folder / "events.jsonl", "one");
  write_plain(folder / "events.jsonl", "one\ntor");
  append_line(folder / "events.jsonl", "two");
  CHECK(read_plain(folder / "events.jsonl") == "one\ntor\ntwo\n");
}

TEST_CASE("a synced line takes the place of what nobody counts", "[support]") {
  const TemporaryFolder folder;
  write_plain(folder / "events.jsonl", "one\ntor");
  append_synced(folder / "events.jsonl", 4, "two");
  CHECK(read_plain(folder / "events.jsonl") == "one\ntwo\n");
}

TEST_CASE("a line that could not be synced is taken back, or never gets its end", "[support]") {
  const TemporaryFolder folder;
  append_synced(folder / "events.jsonl", 0, "one");
  {
    const FailingFsync fault(1, EIO);
    CHECK_THROWS_AS(append_synced(folder / "events.jsonl", 4, "two"), Error);
  }
  CHECK(read_plain(folder / "events.jsonl") == "one\n");
  {
    const FailingFsync fault(1, EIO);
    const FailingCuts more;
    CHECK_THROWS_AS(append_synced(folder / "events.jsonl", 4, "two"), Error);
  }
  CHECK(read_plain(folder / "events.jsonl") == "one\ntwo");
}

TEST_CASE("reading an absent file says not found, one over the limit bad input", "[support]") {
  const TemporaryFolder folder;
  CHECK(error_of([&] { read_file(folder / "absent"); }).kind() == category::not_found);
  write_plain(folder / "a", "12345");
  CHECK(read_file(folder / "a", 5) == "12345");
  CHECK(error_of([&] { read_file(folder / "a", 4); }).kind() == category::bad_input);
  CHECK(error_of([&] { read_file(folder.path()); }).kind() == category::bad_input);
  CHECK(read_file("/proc/self/stat").size() > 20);  // a file whose size is said to be 0
}

TEST_CASE("folders are created with their parents, and a file in the way is named", "[support]") {
  const TemporaryFolder folder;
  create_folders(folder / "a/b/c");
  create_folders(folder / "a/b/c");
  CHECK(std::filesystem::is_directory(folder / "a/b/c"));
  write_plain(folder / "file", "");
  const Error problem = error_of([&] { create_folders(folder / "file"); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), (folder / "file").string()));
  CHECK(error_of([&] { create_folders(folder / "file/below"); }).kind() == category::bad_input);
}

TEST_CASE("a folder made elsewhere gets its name whole, and never over another under refuse", "[support]") {
  const TemporaryFolder folder;
  create_folders(folder / "made/deep");
  write_plain(folder / "made/deep/file", "x");
  rename_into_place(folder / "made", folder / "named", AtomicFile::existing::refuse);
  CHECK(read_plain(folder / "named/deep/file") == "x");
  CHECK_FALSE(std::filesystem::exists(folder / "made"));
  create_folders(folder / "made");
  const Error problem =
      error_of([&] { rename_into_place(folder / "made", folder / "named", AtomicFile::existing::refuse); });
  CHECK(problem.kind() == category::conflict);
  CHECK(read_plain(folder / "named/deep/file") == "x");
}

TEST_CASE("a folder whose name cannot be flushed is not left under it", "[support]") {
  const TemporaryFolder folder;
  create_folders(folder / "made");
  const FailingFsync fault(1, EIO);
  CHECK_THROWS_AS(rename_into_place(folder / "made", folder / "named", AtomicFile::existing::refuse), Error);
  CHECK_FALSE(std::filesystem::exists(folder / "named"));
}
