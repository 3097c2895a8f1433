// Planted faults are found and named, and nothing else is, in drawn pictures and in real ones.
#include "dataset/check.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "dataset/sample/sample.hpp"
#include "image/reference.hpp"
#include "image/resize.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;
namespace fs = std::filesystem;

namespace {

using Pair = std::pair<std::string, std::string>;

void put_jpeg(const fs::path& file, const Image& image, int quality) {
  const auto bytes = encode_jpeg(image, quality);
  write_plain(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Image flipped(Image image) {
  const std::size_t width = static_cast<std::size_t>(image.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(image.height); ++y)
    for (std::size_t x = 0; x < width / 2; ++x)
      for (std::size_t channel = 0; channel < 3; ++channel)
        std::swap(image.rgb[(y * width + x) * 3 + channel],
                  image.rgb[(y * width + width - 1 - x) * 3 + channel]);
  return image;
}

struct Planted {
  std::set<Pair> leaks, conflicts, others;  // original and copy
};

/// Copies of the first training pictures of each class, under names of their own.
Planted plant(const ImageFolder& folder) {
  const std::string &a = folder.classes[0], &b = folder.classes[1];
  const auto original = [&](std::size_t i) { return folder.train.samples[i].path; };
  const auto picture = [&](std::size_t i) { return decode_file(folder.root / original(i)); };
  Planted planted;
  const auto name = [&](const std::string& path) { return folder.root / path; };
  const std::string exact = "val/" + a + "/zz-exact.jpg", again = "val/" + a + "/zz-again.jpg",
                    mirrored = "val/" + a + "/zz-mirrored.jpg", small = "train/" + a + "/zz-small.jpg",
                    wrong = "train/" + b + "/zz-wrong.jpg";
  fs::copy_file(name(original(0)), name(exact));
  put_jpeg(name(again), picture(1), 60);
  put_jpeg(name(mirrored), flipped(picture(2)), 85);
  const Image large = picture(3);
  put_jpeg(name(small), resize(large, {0, 0, large.width, large.height}, {large.height / 2, large.width / 2}),
           85);
  fs::copy_file(name(original(4)), name(wrong));
  planted.leaks = {{original(0), exact}, {original(1), again}, {original(2), mirrored}};
  planted.others = {{original(3), small}};
  planted.conflicts = {{original(4), wrong}};
  return planted;
}

Planted found_in(const DataCheck& check) {
  Planted found;
  for (const CopyGroup& group : check.copies) {
    REQUIRE(group.files.size() == 2);
    const Pair pair{group.files[0].path, group.files[1].path};
    (group.leak ? found.leaks : group.label_conflict ? found.conflicts : found.others).insert(pair);
  }
  return found;
}

void require_planted_alone(const fs::path& root) {
  const ImageFolder before = scan_image_folder(root);
  const DataCheck clean = check_data(before, {});
  CHECK(clean.ok());
  CHECK(clean.copies.empty());
  const Planted planted = plant(before);
  for (const int threads : {1, 3}) {
    const DataCheck check = check_data(scan_image_folder(root), {threads, kNearDistance, 224});
    const Planted found = found_in(check);
    CHECK(found.leaks == planted.leaks);
    CHECK(found.conflicts == planted.conflicts);
    CHECK(found.others == planted.others);
    CHECK(check.leaks() == 3);
    CHECK(check.label_conflicts() == 1);
    CHECK_FALSE(check.ok());
  }
}

}  // namespace

TEST_CASE("planted copies, leaks and label conflicts are found in drawn pictures, and nothing else",
          "[dataset]") {
  const TemporaryFolder folder;
  draw_sample(folder / "data", {30, 15, 7});
  require_planted_alone(folder / "data");
}

TEST_CASE("planted copies, leaks and label conflicts are found in real pictures, and nothing else",
          "[dataset]") {
  const fs::path real = real_data();
  if (real.empty()) return;
  const TemporaryFolder folder;
  fs::copy(real, folder / "data", fs::copy_options::recursive);
  require_planted_alone(folder / "data");
}

TEST_CASE("how a copy matches is told", "[dataset]") {
  const TemporaryFolder folder;
  const ImageFolder drawn = draw_sample(folder / "data", {5, 1, 7});
  plant(drawn);
  const DataCheck check = check_data(scan_image_folder(folder / "data"), {});
  std::map<std::string, std::string> match;
  for (const CopyGroup& group : check.copies) {
    CHECK(group.files[1].like == group.files[0].path);
    CHECK(group.exact == (group.files[1].match == "exact"));
    CHECK(group.files[1].distance <= kNearDistance);
    match[fs::path(group.files[1].path).filename()] = group.files[1].match;
  }
  CHECK(match == std::map<std::string, std::string>{{"zz-exact.jpg", "exact"},
                                                    {"zz-again.jpg", "near"},
                                                    {"zz-mirrored.jpg", "mirrored"},
                                                    {"zz-small.jpg", "near"},
                                                    {"zz-wrong.jpg", "exact"}});
}

TEST_CASE("bad files are named with the reason, and the rest is checked", "[dataset]") {
  const TemporaryFolder folder;
  const ImageFolder drawn = draw_sample(folder / "data", {3, 2, 7});
  write_plain(drawn.root / "train/beetles/zz-text.jpg", "no image");
  write_plain(drawn.root / "val/beetles/zz-empty.jpg", "");
  write_plain(drawn.root / "val/beetles/zz-twin.jpg", "");
  const DataCheck check = check_data(scan_image_folder(drawn.root), {});
  REQUIRE(check.unreadable.size() == 3);
  CHECK(check.unreadable[0].path == "train/beetles/zz-text.jpg");
  CHECK(check.unreadable[0].problem == "not a JPEG, PNG or WebP image");
  CHECK(check.unreadable[1].problem == "the file is empty");
  CHECK(check.copies.empty());
  CHECK_FALSE(check.ok());
}

TEST_CASE("sizes, small files, balance and ignored files are told", "[dataset]") {
  const TemporaryFolder folder;
  const ImageFolder drawn = draw_sample(folder / "data", {4, 1, 7});
  put_jpeg(drawn.root / "val/beetles/zz-tiny.jpg", Image{10, 20, std::vector<std::uint8_t>(600, 77)}, 90);
  write_plain(drawn.root / "train/beetles/notes.txt", "x");
  fs::remove(drawn.root / "train/butterflies/butterfly-0001.jpg");
  fs::remove(drawn.root / "train/butterflies/butterfly-0002.jpg");
  const DataCheck check = check_data(scan_image_folder(drawn.root), {});
  CHECK(check.width.least == 20);
  CHECK(check.height.least == 10);
  CHECK((240 <= check.width.median && check.width.median <= check.width.most && check.width.most <= 500));
  CHECK(check.small == std::vector<std::string>{"val/beetles/zz-tiny.jpg"});
  CHECK(check.imbalance() == 2);
  CHECK(check.largest.name == "beetles");
  CHECK(check.ignored == std::vector<std::string>{"train/beetles/notes.txt"});
  CHECK(check.ok());
}
