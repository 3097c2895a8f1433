#include "dataset/lock.hpp"

#include <catch2/catch.hpp>

#include "dataset/dataset.hpp"
#include "dataset/locate.hpp"
#include "pictures.hpp"
#include "support/errors.hpp"
#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;
namespace fs = std::filesystem;

namespace {

struct Locked {
  TemporaryFolder folder;
  fs::path root = folder.path(), file = root / kDataLock;
  Locked() {
    for (const Entry& entry : two_classes("")) {
      fs::create_directories((root / entry.name).parent_path());
      write_plain(root / entry.name, entry.content);
    }
    write_lock(lock_data(scan_image_folder(root)), file, Existing::keep);
  }
  LockDifference difference(Depth depth = Depth::content) const {
    return compare(read_lock(file), root, depth);
  }
};

}  // namespace

TEST_CASE("a lock has path, size, hash and label of every image, and the data's fingerprint", "[dataset]") {
  const Locked data;
  const DataLock lock = read_lock(data.file);
  REQUIRE(lock.files.size() == 5);
  CHECK(lock.files[0].file == HashedFile{"train/ants/1.jpg", jpeg(1).size(), sha256_of(jpeg(1))});
  CHECK(lock.files[0].label == "ants");
  CHECK(lock.files[4].label == "bees");
  CHECK(lock.fingerprint == fingerprint(scan_image_folder(data.root)));
  CHECK(data.difference().none());
  CHECK(require_locked(data.file, data.root) == lock.fingerprint);
}

TEST_CASE("the lock beside the data changes neither the data nor a second lock", "[dataset]") {
  const Locked data;
  const std::string before = read_plain(data.file);
  const ImageFolder folder = scan_image_folder(data.root);
  CHECK(folder.train.ignored.empty());
  write_lock(lock_data(folder), data.file, Existing::keep);
  CHECK(read_plain(data.file) == before);
}

TEST_CASE("one changed byte is found by its hash, not by its size", "[dataset]") {
  const Locked data;
  std::string bytes = jpeg(2);
  bytes[bytes.size() / 2] ^= 1;
  write_plain(data.root / "train/ants/2.jpg", bytes);
  CHECK(data.difference(Depth::sizes).none());
  const LockDifference found = data.difference();
  REQUIRE(found.changed.size() == 1);
  CHECK(found.changed[0].path == "train/ants/2.jpg");
  CHECK((found.missing.empty() && found.extra.empty()));
  const Error problem = error_of([&] { require_locked(data.file, data.root); });
  CHECK(problem.kind() == category::bad_input);
  CHECK(contains(problem.what(), "1 changed (train/ants/2.jpg)"));
  CHECK(require_locked(data.file, data.root, Depth::sizes) == read_lock(data.file).fingerprint);
}

TEST_CASE("missing, extra and resized files are named", "[dataset]") {
  const Locked data;
  fs::rename(data.root / "train/ants/1.jpg", data.root / "train/bees/moved.jpg");
  write_plain(data.root / "val/bees/1.jpg", jpeg(5) + "x");
  const LockDifference found = data.difference(Depth::sizes);
  CHECK(found.missing == std::vector<std::string>{"train/ants/1.jpg"});
  CHECK(found.extra == std::vector<std::string>{"train/bees/moved.jpg"});
  REQUIRE(found.changed.size() == 1);
  CHECK(contains(found.changed[0].problem, "bytes, not"));
  CHECK(describe(found) ==
        "1 missing (train/ants/1.jpg), 1 changed (val/bees/1.jpg), 1 extra (train/bees/moved.jpg)");
}

TEST_CASE("the files of a class folder that is gone are named as missing", "[dataset]") {
  const Locked data;
  fs::remove_all(data.root / "val/ants");
  CHECK(data.difference().missing == std::vector<std::string>{"val/ants/1.jpg"});
}

TEST_CASE("a lock is not replaced by another, and not believed when edited", "[dataset]") {
  const Locked data;
  write_plain(data.root / "train/ants/3.jpg", jpeg(9));
  const DataLock other = lock_data(scan_image_folder(data.root));
  CHECK(error_of([&] { write_lock(other, data.file, Existing::keep); }).kind() == category::conflict);
  write_lock(other, data.file, Existing::replace);
  CHECK(data.difference().none());
  std::string text = read_plain(data.file);
  text.replace(text.find("\"bytes\": ") + 9, 1, "9");
  write_plain(data.file, text);
  CHECK(error_of([&] { read_lock(data.file); }).kind() == category::bad_input);
  CHECK(error_of([&] { read_lock(data.root / "none.json"); }).kind() == category::not_found);
}

TEST_CASE("data is located by name before folder, and its lock lies beside it", "[dataset]") {
  const TemporaryFolder home, files;
  const Workspace workspace = Workspace::init(home.path(), "test").workspace;
  write_archive(files / "a.zip", Format::zip, two_classes("top/"));
  FetchRequest request;
  request.source = (files / "a.zip").string();
  const DataSet data = fetch_data(workspace, request);
  const LocatedData by_name = locate_data(workspace, "a");
  CHECK(by_name.root == data.folder);
  CHECK(by_name.lock == workspace.data_folder("a") / kDataLock);
  const LocatedData by_path = locate_data(workspace, data.folder.parent_path().string());
  CHECK(by_path.root == data.folder);
  CHECK(by_path.lock == data.folder / kDataLock);
  write_plain(data.folder / kDataLock, "came with the archive");
  CHECK(locate_data(workspace, "a").lock == data.folder / kDataLock);
  CHECK(error_of([&] { locate_data(workspace, "b"); }).kind() == category::not_found);
}
