#include "snapshot/store.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "support/errors.hpp"
#include "support/faults.hpp"
#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::error_of;
using test::TemporaryFolder;

struct Store {
  TemporaryFolder folder, source, laid_out;
  Workspace workspace = Workspace::init(folder.path(), "test").workspace;

  std::string take() const { return store_snapshot(workspace, scan_source(source.path())); }
  std::size_t contents() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(workspace.store() / "snapshots" / "content"))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  std::string lay_out_all(const std::string& hash) const {
    lay_out(workspace, read_snapshot(workspace, hash), laid_out.path());
    return scan_source(laid_out.path()).snapshot.sha256();
  }
};

}  // namespace

TEST_CASE("what was stored is laid out as it was: contents, modes and links", "[snapshot]") {
  const Store store;
  fs::create_directories(store.source / "src/deep");
  test::write_plain(store.source / "run.sh", "#!/bin/sh\n");
  fs::permissions(store.source / "run.sh", fs::perms::owner_all);
  test::write_plain(store.source / "src/deep/large", std::string(3 << 20, 'x'));
  fs::create_symlink("src/deep", store.source / "link");
  const std::string hash = store.take();
  CHECK(store.lay_out_all(hash) == hash);
  CHECK(access((store.laid_out / "run.sh").c_str(), X_OK) == 0);
  CHECK(fs::read_symlink(store.laid_out / "link") == "src/deep");
  CHECK(fs::is_empty(store.workspace.scratch_folder()));
}

TEST_CASE("each content is stored once, in one snapshot and in the next", "[snapshot]") {
  const Store store;
  for (const char* name : {"a", "b", "c"}) test::write_plain(store.source / name, "the same");
  const std::string first = store.take();
  CHECK(store.contents() == 1);
  CHECK(store.take() == first);
  test::write_plain(store.source / "c", "another");
  const std::string second = store.take();
  CHECK(second != first);
  CHECK(store.contents() == 2);
  CHECK(read_snapshot(store.workspace, first).files.size() == 3);
}

TEST_CASE("many files are stored as few are", "[snapshot]") {
  const Store store;
  for (int i = 0; i < 100; ++i) test::write_plain(store.source / std::to_string(i), std::to_string(i));
  const std::string hash = store.take();
  CHECK(store.contents() == 100);
  CHECK(store.lay_out_all(hash) == hash);
}

TEST_CASE("what a run does to its files does not reach the store or the source", "[snapshot]") {
  const Store store;
  test::write_plain(store.source / "a", "before");
  const std::string hash = store.take();
  REQUIRE(store.lay_out_all(hash) == hash);
  test::write_plain(store.laid_out / "a", "after");
  CHECK(test::read_plain(store.source / "a") == "before");
  CHECK(store.lay_out_all(hash) == hash);
}

TEST_CASE("a stored content that was changed or lost is told by its file, and made anew by the next snapshot",
          "[snapshot]") {
  const Store store;
  test::write_plain(store.source / "a", "content");
  const std::string hash = store.take();
  const fs::path content = store.workspace.content_file(sha256_of("content"));
  fs::permissions(content, fs::perms::owner_all);
  SECTION("changed") {
    test::write_plain(content, "CONTENT");
    const Error problem = error_of([&] { store.lay_out_all(hash); });
    CHECK(problem.kind() == category::bad_input);
    CHECK(contains(problem.what(), content.string()));
    fs::remove(content);
  }
  SECTION("cut") { test::write_plain(content, "cont"); }
  SECTION("lost") { fs::remove(content); }
  CHECK_THROWS_AS(store.lay_out_all(hash), Error);
  store.take();
  CHECK(store.lay_out_all(hash) == hash);
}

TEST_CASE("a document that no longer fits its hash is refused", "[snapshot]") {
  const Store store;
  test::write_plain(store.source / "a", "content");
  const std::string hash = store.take();
  const fs::path document = store.workspace.snapshot_file(hash);
  std::string text = test::read_plain(document);
  text.replace(text.find("\"a\""), 3, "\"b\"");
  test::write_plain(document, text);
  CHECK(error_of([&] { read_snapshot(store.workspace, hash); }).kind() == category::bad_input);
  CHECK(error_of([&] { read_snapshot(store.workspace, std::string(64, '0')); }).kind() ==
        category::not_found);
}

TEST_CASE("a file that changed since it was looked at is a conflict, and nothing is stored", "[snapshot]") {
  const Store store;
  test::write_plain(store.source / "a", "before");
  const SourceScan scan = scan_source(store.source.path());
  test::write_plain(store.source / "a", "behind");
  CHECK(error_of([&] { store_snapshot(store.workspace, scan); }).kind() == category::conflict);
  CHECK_FALSE(fs::exists(store.workspace.snapshot_file(scan.snapshot.sha256())));
  CHECK(fs::is_empty(store.workspace.scratch_folder()));
}

TEST_CASE("no document can lead a file out of the folder it is laid out in", "[snapshot]") {
  const Store store;
  test::write_plain(store.source / "a", "content");
  store.take();
  const std::string content = sha256_of("content");
  for (const char* path : {"../out", "/tmp/amltrain-never", "a/../../out", "..", "link/x"}) {
    Snapshot snapshot;
    snapshot.files.push_back({{path, 7, content}, false});
    fs::remove(store.laid_out / "link");
    fs::create_symlink(store.source.path(), store.laid_out / "link");
    INFO(path);
    CHECK_THROWS_AS(lay_out(store.workspace, snapshot, store.laid_out.path()), Error);
  }
  CHECK(test::entries_in(store.source.path()) == 1);
}

TEST_CASE("contents that are taken over are synced a folder at a time, and none is named after a failure",
          "[snapshot]") {
  const Store store;
  const TemporaryFolder made;
  int written = 0;
  for (int i = 0; written < 8; ++i) {
    const std::string text = std::to_string(i), hash = sha256_of(text);
    if (!hash.starts_with("00")) continue;  // all in one folder of the store
    test::write_plain(store.source / text, text);
    test::write_plain(made / hash, text);
    ++written;
  }
  const Snapshot snapshot = scan_source(store.source.path()).snapshot;
  fs::create_directories(store.workspace.content_file(snapshot.files.front().sha256).parent_path());
  {
    const test::FailingFsync of_the_folder(1, EIO);
    CHECK(error_of([&] { adopt_snapshot(store.workspace, snapshot, made.path()); }).kind() ==
          category::environment);
  }
  CHECK(store.contents() == 8);  // they are whole, and another may have found them by now
  CHECK(store.workspace.snapshots().empty());
  for (const SnapshotFile& file : snapshot.files) fs::remove(store.workspace.content_file(file.sha256));

  for (const SnapshotFile& file : snapshot.files) test::write_plain(made / file.sha256, file.path);
  const test::FailingFsync more_than_needed(5, EIO);  // the folder and its own; the document and its folder
  adopt_snapshot(store.workspace, snapshot, made.path());
  CHECK(store.contents() == 8);
  CHECK(store.workspace.snapshots() == std::vector<std::string>{snapshot.sha256()});
}

TEST_CASE("the name of a content that was found is brought to disk before a snapshot relies on it",
          "[snapshot]") {
  const Store store;
  test::write_plain(store.source / "a", "content");
  const std::string hash = store.take();
  fs::remove(store.workspace.snapshot_file(hash));  // as it is between the names and the document
  {
    const test::FailingFsync of_the_document(3, EIO);  // behind those of the content's folder and its own
    CHECK(error_of([&] { store.take(); }).kind() == category::environment);
  }
  CHECK(store.workspace.snapshots().empty());
  CHECK(store.take() == hash);
}

}  // namespace amltrain
