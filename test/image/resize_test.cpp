#include "image/resize.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "image/pictures.hpp"
#include "image/reference.hpp"
#include "image/resampler.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

/// All of `picture` resampled to `size` by the given passes, row after row.
Image resample_by(const resample::Passes& passes, const Image& picture, ImageSize size, bool mirrored) {
  Resampler resampler(passes);
  const Box all{0, 0, size.width, size.height};
  resampler.start({{0, 0, picture.width, picture.height}, size, all, mirrored});
  resampler.take(picture.rgb.data(), static_cast<std::size_t>(picture.width) * 3, picture.height);
  const std::size_t row = static_cast<std::size_t>(size.width) * 3;
  Image out{size.height, size.width, std::vector<std::uint8_t>(static_cast<std::size_t>(size.height) * row)};
  for (int y = 0; y < size.height; ++y) resampler.row(y, &out.rgb[static_cast<std::size_t>(y) * row]);
  return out;
}

void compare_with_plain(const resample::Passes& passes) {
  const Image whole = draw_picture(90, 121);
  for (const int height : {1, 2, 3, 4, 7, 40, 89, 90})
    for (const int width : {1, 2, 5, 6, 7, 40, 121}) {
      const Image picture = cut_out(whole, {0, 0, width, height});
      for (const ImageSize size : {ImageSize{1, 1}, {2, 3}, {17, 5}, {45, 61}, {90, 16}, {224, 224}})
        for (const bool mirrored : {false, true}) {
          CAPTURE(height, width, size.height, size.width, mirrored);
          REQUIRE(resample_by(passes, picture, size, mirrored).rgb ==
                  resample_by(resample::kPlain, picture, size, mirrored).rgb);
        }
    }
}

}  // namespace

TEST_CASE("the AVX2 passes give the bytes of the plain passes", "[image]") {
  if (resample::have_avx2()) return compare_with_plain(resample::kAvx2);
  WARN("skipped: this processor has no AVX2");
}

TEST_CASE("the AVX-512 passes give the bytes of the plain passes", "[image]") {
  if (resample::have_avx512()) return compare_with_plain(resample::kAvx512);
  WARN("skipped: this processor has no AVX-512 with VNNI");
}

TEST_CASE("a window of a resampled picture has the pixels it has in the whole, from no more than it needs",
          "[image]") {
  const Image picture = draw_picture(300, 411);
  Random random(31);
  Resampler resampler;  // one for all: what it held before changes nothing
  for (int i = 0; i < 200; ++i) {
    const Box box = random_box(random, picture.height, picture.width);
    const ImageSize size{1 + random.below(150), 1 + random.below(150)};
    const Box window = random_box(random, size.height, size.width);
    CAPTURE(box.left, box.top, box.width, box.height, size.height, size.width, window.left, window.top,
            window.width, window.height);
    if (columns_come_first(box, size)) continue;
    const Box source = resampler.start({box, size, window});
    const Image needed = cut_out(picture, source);
    resampler.take(needed.rgb.data(), static_cast<std::size_t>(needed.width) * 3, needed.height);
    Image found{window.height, window.width, {}};
    found.rgb.resize(static_cast<std::size_t>(window.height * window.width) * 3);
    for (int y = 0; y < window.height; ++y)
      resampler.row(y, &found.rgb[static_cast<std::size_t>(y * window.width) * 3]);
    REQUIRE(found.rgb == cut_out(resize(picture, box, size), window).rgb);
  }
}

TEST_CASE("a box of the size asked for is copied", "[image]") {
  const Image picture = draw_picture(50, 60);
  const Box box{11, 7, 30, 20};
  CHECK(resize(picture, box, {20, 30}).rgb == cut_out(picture, box).rgb);
}

TEST_CASE("what lies outside the box doesn't reach the result", "[image]") {
  Image picture = draw_picture(50, 60);
  const Box box{11, 7, 30, 20};
  const Image alone = cut_out(picture, box);
  CHECK(resize(picture, box, {9, 13}).rgb == resize(alone, {0, 0, 30, 20}, {9, 13}).rgb);
  CHECK(resize(picture, box, {90, 130}).rgb == resize(alone, {0, 0, 30, 20}, {90, 130}).rgb);
}

TEST_CASE("an even colour stays what it is at any size", "[image]") {
  const Image even{200, 300, std::vector<std::uint8_t>(200 * 300 * 3, 255)};
  for (const ImageSize size : {ImageSize{1, 1}, {7, 299}, {200, 17}, {401, 613}}) {
    const Image resized = resize(even, {0, 0, 300, 200}, size);
    CHECK(
        std::all_of(resized.rgb.begin(), resized.rgb.end(), [](std::uint8_t value) { return value == 255; }));
  }
}

TEST_CASE("a size below one pixel is an internal error", "[image]") {
  const Image picture = draw_picture(5, 5);
  CHECK(error_of([&] { resize(picture, {0, 0, 5, 5}, {0, 5}); }).kind() == category::internal);
}
