#include "image/folder.hpp"

#include <catch2/catch.hpp>

#include "image/pictures.hpp"
#include "image/reference.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& file, const std::string& content = "x") {
  fs::create_directories(file.parent_path());
  write_plain(file, content);
}

std::string jpeg_content() {
  const auto bytes = make_jpeg(draw_picture(20, 30), Chroma::quarter);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Names that sort differently by folder, by path and by letter case.
void put_odd_tree(const fs::path& root) {
  for (const char* name : {"train/b/1.jpg", "train/b/10.jpg", "train/b/2.JPG", "train/b/Z.jpeg",
                           "train/b/s/a.png", "train/b/s-t/a.webp", "train/b/s/t/a.jpg", "train/b/zz.jpg",
                           "train/b/notes.txt", "train/B/.jpg", "train/B/ä.jpg", "train/stray.jpg",
                           "val/b/v.jpg", "val/B/v.jpg", "val/B/deep/er/v.Webp", "val/B/._v.jpg"})
    put(root / name);
}

std::vector<std::string> paths(const Split& split) {
  std::vector<std::string> all;
  for (const Sample& sample : split.samples) all.push_back(sample.path);
  return all;
}

}  // namespace

TEST_CASE("classes are sorted bytewise, and files by folder, then by name", "[image]") {
  const TemporaryFolder folder;
  put_odd_tree(folder.path());
  const ImageFolder found = scan_image_folder(folder.path());
  CHECK(found.classes == std::vector<std::string>{"B", "b"});
  CHECK(paths(found.train) == std::vector<std::string>{"train/B/.jpg", "train/B/ä.jpg", "train/b/1.jpg",
                                                       "train/b/10.jpg", "train/b/2.JPG", "train/b/Z.jpeg",
                                                       "train/b/zz.jpg", "train/b/s/a.png",
                                                       "train/b/s-t/a.webp", "train/b/s/t/a.jpg"});
  CHECK(found.train.samples.front().label == 0);
  CHECK(found.train.samples.back().label == 1);
  CHECK(found.train.ignored == std::vector<std::string>{"train/stray.jpg", "train/b/notes.txt"});
}

TEST_CASE("torchvision lists the same samples in the same order", "[image][reference]") {
  if (!have_reference()) return;
  const TemporaryFolder odd, out;
  put_odd_tree(odd.path());
  std::vector<fs::path> folders = {odd.path()};
  if (const fs::path real = real_data(); !real.empty()) folders.push_back(real);
  for (const fs::path& folder : folders) {
    const ImageFolder ours = scan_image_folder(folder);
    const json theirs = run_reference("image_folder.py", out.path(), {ours.root});
    CHECK(theirs.at("classes") == json(ours.classes));
    for (const auto& [name, split] : {std::pair{"train", &ours.train}, std::pair{"val", &ours.val}}) {
      json samples = json::array();
      for (const Sample& sample : split->samples) samples.push_back({sample.path, sample.label});
      CHECK(theirs.at(name) == samples);
    }
  }
}

TEST_CASE("a single folder around train and val is entered", "[image]") {
  const TemporaryFolder folder;
  put(folder / "birds/train/a/1.jpg");
  put(folder / "birds/val/a/1.jpg");
  put(folder / "__MACOSX/birds/1");
  put(folder / "README");
  CHECK(scan_image_folder(folder.path()).root == folder / "birds");
}

TEST_CASE("links to folders and files are followed, a link upwards is an error", "[image]") {
  const TemporaryFolder folder;
  put(folder / "elsewhere/1.jpg");
  put(folder / "data/train/a/0.jpg");
  fs::create_directory_symlink(folder / "elsewhere", folder / "data/train/a/more");
  fs::create_directories(folder / "data/val");
  fs::create_directory_symlink(folder / "elsewhere", folder / "data/val/a");
  const ImageFolder found = scan_image_folder(folder / "data");
  CHECK(paths(found.train) == std::vector<std::string>{"train/a/0.jpg", "train/a/more/1.jpg"});
  CHECK(paths(found.val) == std::vector<std::string>{"val/a/1.jpg"});

  fs::create_directory_symlink("..", folder / "data/train/a/up");
  CHECK(contains(error_of([&] { scan_image_folder(folder / "data"); }).what(), "folders more than 32 deep"));
}

TEST_CASE("a folder that isn't laid out as classes is refused by name", "[image]") {
  const TemporaryFolder folder;
  const auto refusal = [&] { return error_of([&] { scan_image_folder(folder.path()); }); };
  const auto says = [&](const std::string& part) { return contains(refusal().what(), part); };
  CHECK(error_of([&] { scan_image_folder(folder / "absent"); }).kind() == category::not_found);
  CHECK(says("no folder " + (folder / "train").string()));
  put(folder / "train/a.jpg");
  CHECK(says("no class folders in " + (folder / "train").string()));
  put(folder / "train/ants/a.jpg");
  CHECK(says("no folder " + (folder / "val").string()));
  put(folder / "val/bees/b.jpg");
  CHECK(says("differ in their classes: only in train: ants; only in val: bees"));
  fs::rename(folder / "val/bees", folder / "val/ants");
  CHECK_NOTHROW(scan_image_folder(folder.path()));
  put(folder / "train/ants/scan.TIF");
  CHECK(says("an image format that is not read: " + (folder / "train/ants/scan.TIF").string()));
  fs::rename(folder / "train/ants/scan.TIF", folder / "train/ants/scan.txt");
  fs::remove(folder / "train/ants/a.jpg");
  CHECK(says("no image in the class folder " + (folder / "train/ants").string()));
  CHECK(refusal().kind() == category::bad_input);
}

TEST_CASE("the fingerprint follows names and contents, not the place", "[image]") {
  const TemporaryFolder one, two;
  for (const auto* folder : {&one, &two}) {
    put(*folder / "train/a/1.jpg", "first");
    put(*folder / "train/a/2.jpg", "second");
    put(*folder / "val/a/1.jpg", "third");
  }
  const std::string print = fingerprint(scan_image_folder(one.path()));
  CHECK(print.starts_with("sha256:"));
  CHECK(print.size() == 7 + 64);
  CHECK(fingerprint(scan_image_folder(two.path())) == print);
  put(two / "train/a/notes.txt");
  CHECK(fingerprint(scan_image_folder(two.path())) == print);
  put(two / "train/a/2.jpg", "Second");
  CHECK(fingerprint(scan_image_folder(two.path())) != print);
  put(two / "train/a/2.jpg", "second");
  fs::rename(two / "train/a/2.jpg", two / "train/a/3.jpg");
  CHECK(fingerprint(scan_image_folder(two.path())) != print);
}

TEST_CASE("unreadable files are found by any number of threads, in the folder's order", "[image]") {
  const TemporaryFolder folder;
  const std::string good = jpeg_content();
  for (int i = 0; i < 20; ++i) put(folder / ("train/a/good" + std::to_string(i) + ".jpg"), good);
  put(folder / "train/a/cut.jpg", good.substr(0, good.size() / 2));
  put(folder / "train/a/text.png", "not an image");
  put(folder / "val/a/empty.webp", "");
  fs::create_symlink("nowhere", folder / "val/a/dangling.jpg");
  const ImageFolder data = scan_image_folder(folder.path());
  for (const int threads : {0, 1, 3, 50}) {
    const auto found = find_unreadable(data, threads);
    REQUIRE(found.size() == 4);
    CHECK(found[0].path == "train/a/cut.jpg");
    CHECK(found[0].problem == "train/a/cut.jpg: the image file is truncated");
    CHECK(found[1].path == "train/a/text.png");
    CHECK(found[2].path == "val/a/dangling.jpg");
    CHECK(found[3].path == "val/a/empty.webp");
  }
}

TEST_CASE("the summary counts images by split and class", "[image]") {
  const TemporaryFolder folder;
  put_odd_tree(folder.path());
  const json summary = summarise(scan_image_folder(folder.path()));
  CHECK(summary.at("classes") == json({"B", "b"}));
  CHECK(summary.at("images") == 14);
  CHECK(summary.at("train").at("images") == 10);
  CHECK(summary.at("train").at("classes").dump() == R"({"B":2,"b":8})");
  CHECK(summary.at("val").at("classes").dump() == R"({"B":3,"b":1})");
  CHECK(summary.at("train").at("ignored") == json({"train/stray.jpg", "train/b/notes.txt"}));
}

TEST_CASE("one split is read without the other, or its classes from right below the folder", "[image]") {
  const TemporaryFolder folder;
  put(folder / "val/a/1.jpg");
  put(folder / "val/b/2.jpg");
  const ImageFolder val = scan_split(folder.path(), "val");
  CHECK(paths(val.val) == std::vector<std::string>{"val/a/1.jpg", "val/b/2.jpg"});
  CHECK(val.train.samples.empty());
  CHECK(error_of([&] { scan_split(folder.path(), "train"); }).kind() == category::bad_input);
  const ImageFolder bare = scan_split(folder / "val", "train");
  CHECK(bare.classes == std::vector<std::string>{"a", "b"});
  CHECK(paths(bare.train) == std::vector<std::string>{"a/1.jpg", "b/2.jpg"});
}

TEST_CASE("images are listed with those of formats that are not read, and nothing else", "[image]") {
  const TemporaryFolder folder;
  for (const char* name : {"b.jpg", "a.BMP", "notes.txt", "s/c.webp"}) put(folder / name);
  CHECK(list_images(folder.path()) ==
        std::vector<fs::path>{folder / "a.BMP", folder / "b.jpg", folder / "s/c.webp"});
}
