#include "dataset/sample/sample.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "dataset/sample/numbers.hpp"
#include "image/reference.hpp"
#include "support/errors.hpp"
#include "support/hash.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

SampleOptions few(int train, int val, std::uint64_t seed = 7) { return {train, val, seed}; }

/// Mean and deviation of each channel.
std::array<double, 6> colour_of(const Image& image) {
  std::array<double, 6> moments{};
  const double pixels = static_cast<double>(image.rgb.size()) / 3;
  for (std::size_t i = 0; i < image.rgb.size(); ++i) moments[i % 3] += image.rgb[i] / pixels;
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    const double apart = image.rgb[i] - moments[i % 3];
    moments[3 + i % 3] += apart * apart / pixels;
  }
  for (std::size_t i = 3; i < 6; ++i) moments[i] = std::sqrt(moments[i]);
  return moments;
}

double squared_distance(const std::array<double, 6>& a, const std::array<double, 6>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 6; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

TEST_CASE("a sample holds two classes of readable JPEGs with sides of 240 to 500 pixels", "[sample]") {
  const TemporaryFolder folder;
  const ImageFolder drawn = draw_sample(folder / "data", few(3, 2));
  CHECK(drawn.root == folder / "data");
  CHECK(drawn.classes == std::vector<std::string>{"beetles", "butterflies"});
  CHECK(drawn.train.samples.size() == 6);
  CHECK(drawn.val.samples.size() == 4);
  CHECK(find_unreadable(drawn, 2).empty());
  std::set<std::string> contents;
  for (const Split* split : {&drawn.train, &drawn.val})
    for (const Sample& sample : split->samples) {
      const Image image = decode_file(drawn.root / sample.path);
      for (const int side : {image.height, image.width}) {
        CHECK(side >= 240);
        CHECK(side <= 500);
      }
      contents.insert(sha256_of_file(drawn.root / sample.path));
    }
  CHECK(contents.size() == 10);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("the seed decides every byte, and a picture stays when there are more of them", "[sample]") {
  const TemporaryFolder folder;
  const ImageFolder drawn = draw_sample(folder / "one", few(1, 1));
  CHECK(fingerprint(draw_sample(folder / "same", few(1, 1))) == fingerprint(drawn));
  CHECK(fingerprint(draw_sample(folder / "other", few(1, 1, 8))) != fingerprint(drawn));
  const ImageFolder more = draw_sample(folder / "more", few(2, 1));
  for (const char* path : {"train/beetles/beetle-0001.jpg", "val/butterflies/butterfly-0001.jpg"})
    CHECK(sha256_of_file(more.root / path) == sha256_of_file(drawn.root / path));
}

TEST_CASE("colour alone doesn't tell the classes apart", "[sample]") {
  const TemporaryFolder folder;
  const ImageFolder drawn = draw_sample(folder / "data", few(24, 24));
  std::array<std::array<double, 6>, 2> means{};
  for (const Sample& sample : drawn.train.samples) {
    const auto colour = colour_of(decode_file(drawn.root / sample.path));
    for (std::size_t i = 0; i < 6; ++i) means[static_cast<std::size_t>(sample.label)][i] += colour[i] / 24;
  }
  int right = 0;
  for (const Sample& sample : drawn.val.samples) {
    const auto colour = colour_of(decode_file(drawn.root / sample.path));
    right += (squared_distance(colour, means[1]) < squared_distance(colour, means[0])) == (sample.label == 1);
  }
  INFO(right << " of 48 by the nearest mean colour");
  CHECK(right < 34);  // 24 by chance, deviation 3.5
}

TEST_CASE("a folder with something in it is left alone, an empty one is used", "[sample]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "empty");
  CHECK_NOTHROW(draw_sample(folder / "empty/", few(1, 1)));
  CHECK(error_of([&] { draw_sample(folder / "empty", few(1, 1)); }).kind() == category::conflict);
  write_plain(folder / "file", "kept");
  CHECK(error_of([&] { draw_sample(folder / "file", few(1, 1)); }).kind() == category::conflict);
  CHECK(read_plain(folder / "file") == "kept");
  CHECK(error_of([&] { draw_sample(folder / "none", few(1, 0)); }).kind() == category::bad_input);
  CHECK(entries_in(folder.path()) == 2);
}

TEST_CASE("a sample that can't be drawn leaves nothing", "[sample]") {
  const TemporaryFolder folder;
  write_plain(folder / "file", "no folder");
  CHECK_THROWS_AS(draw_sample(folder / "file/data", few(1, 1)), Error);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("the drawings' own sine is a sine", "[sample]") {
  for (double turns = -3; turns < 3; turns += 0.01) {
    CHECK(sample::sin_turns(turns) == Approx(std::sin(turns * 2 * M_PI)).margin(1e-6));
    CHECK(sample::cos_turns(turns) == Approx(std::cos(turns * 2 * M_PI)).margin(1e-6));
  }
}
