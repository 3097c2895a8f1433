#include <algorithm>
#include <catch2/catch.hpp>

#include "image/image.hpp"
#include "image/pictures.hpp"
#include "image/reference.hpp"
#include "support/errors.hpp"
#include "support/temporary_folder.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

const Chroma kChromas[] = {Chroma::full, Chroma::half_width, Chroma::quarter, Chroma::half_height};

/// Decoding `box` alone against decoding all and cutting it out.
int region_difference(const std::vector<std::byte>& file, const Image& whole, const Box& box) {
  return largest_difference(decode_region(file, "region", box), cut_out(whole, box));
}

}  // namespace

TEST_CASE("a region decodes to the pixels it has in the whole picture", "[image]") {
  Random random(77);
  int boxes = 0;
  for (const Chroma chroma : kChromas) {
    for (const bool progressive : {false, true}) {
      for (const int restart_every : {0, 5}) {
        const auto file = make_jpeg(draw_picture(231, 317), chroma, progressive, restart_every);
        const Image whole = decode(file, "whole");
        for (int i = 0; i < 60; ++i, ++boxes) {
          const Box box = random_box(random, whole.height, whole.width);
          CAPTURE(static_cast<int>(chroma), progressive, restart_every, box.left, box.top, box.width,
                  box.height);
          REQUIRE(region_difference(file, whole, box) == 0);
        }
      }
    }
  }
  CHECK(boxes == 960);
}

TEST_CASE("a region of a PNG or WebP has the pixels it has in the whole picture", "[image]") {
  const Image picture = draw_picture(40, 50);
  for (const auto& file : {make_png(picture), make_webp(picture, true)})
    CHECK(region_difference(file, picture, {7, 3, 20, 30}) == 0);
}

TEST_CASE("real photographs: random regions have the pixels of the whole picture", "[image]") {
  const auto data = real_data();
  if (data.empty()) return;
  Random random(5);
  int photographs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
    if (entry.path().extension() != ".jpg" || ++photographs > 80) continue;
    const std::string content = read_plain(entry.path());
    const std::span bytes = std::as_bytes(std::span(content));
    const Image whole = decode(bytes, "whole");
    for (int i = 0; i < 8; ++i) {
      const Box box = random_box(random, whole.height, whole.width);
      CAPTURE(entry.path().string(), box.left, box.top, box.width, box.height);
      REQUIRE(largest_difference(decode_region(bytes, "region", box), cut_out(whole, box)) == 0);
    }
  }
  CHECK(photographs > 0);
}

TEST_CASE("a cut JPEG is refused whichever region is asked for", "[image]") {
  auto file = make_jpeg(draw_picture(200, 200), Chroma::quarter);
  file.resize(file.size() * 3 / 4);
  for (const int top : {0, 90, 180}) {
    const Error problem = error_of([&] { decode_region(file, "cut.jpg", {10, top, 20, 20}); });
    CHECK(problem.kind() == category::bad_input);
    CHECK(std::string(problem.what()) == "cut.jpg: the image file is truncated");
  }
}

TEST_CASE("a region that leaves the image is an internal error", "[image]") {
  const auto file = make_jpeg(draw_picture(30, 40), Chroma::quarter);
  for (const Box& box : {Box{-1, 0, 5, 5}, Box{36, 0, 5, 5}, Box{0, 26, 5, 5}, Box{0, 0, 0, 5}})
    CHECK(error_of([&] { decode_region(file, "x.jpg", box); }).kind() == category::internal);
}

TEST_CASE("the size is read from the header alone", "[image]") {
  const Image picture = draw_picture(31, 47);
  for (auto file : {make_jpeg(picture, Chroma::quarter), make_png(picture), make_webp(picture, false)}) {
    file.resize(std::min<std::size_t>(file.size(), 700));
    const ImageSize size = probe_size(file, "cut");
    CHECK(size.height == 31);
    CHECK(size.width == 47);
  }
}

TEST_CASE("a picture over the limit of pixels is refused by its header", "[image]") {
  const Image picture = draw_picture(31, 47);
  for (const auto& file :
       {make_jpeg(picture, Chroma::quarter), make_png(picture), make_webp(picture, false)}) {
    CHECK_NOTHROW(decode(file, "x", {31 * 47}));
    const Error problem = error_of([&] { decode(file, "x", {31 * 47 - 1}); });
    CHECK(std::string(problem.what()) == "x: 47 x 31 pixels are more than the limit of 1456");
  }
}

TEST_CASE("lossless files give back the picture that was written", "[image]") {
  const Image picture = draw_picture(33, 21);
  CHECK(largest_difference(decode(make_png(picture), "png"), picture) == 0);
  CHECK(largest_difference(decode(make_webp(picture, true), "webp"), picture) == 0);
}

TEST_CASE("an encoded JPEG decodes to nearly the same picture, and encoding is repeatable", "[image]") {
  Image picture{40, 60, {}};
  for (int i = 0; i < 40 * 60; ++i)
    for (const int value : {i % 60 * 4, i / 60 * 6, 100})
      picture.rgb.push_back(static_cast<std::uint8_t>(value));
  const auto file = encode_jpeg(picture, 95);
  CHECK(largest_difference(decode(file, "jpeg"), picture) < 12);
  CHECK(encode_jpeg(picture, 95) == file);
  CHECK(encode_jpeg(picture, 30).size() < file.size());
}

TEST_CASE("what is no image is refused by name", "[image]") {
  const std::string text = "GIF89a and more";
  CHECK(std::string(error_of([&] { decode(std::as_bytes(std::span(text)), "a/b.jpg"); }).what()) ==
        "a/b.jpg: not a JPEG, PNG or WebP image");
  CHECK(std::string(error_of([&] { decode({}, "a/c.jpg"); }).what()) == "a/c.jpg: the file is empty");
}
