#include "image/resize.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "image/pictures.hpp"
#include "image/reference.hpp"
#include "image/resample.hpp"
#include "support/errors.hpp"

using namespace amltrain;
using namespace amltrain::test;

TEST_CASE("the AVX2 passes give the bytes of the plain passes", "[image]") {
  if (!__builtin_cpu_supports("avx2")) {
    WARN("skipped: this processor has no AVX2");
    return;
  }
  const Image picture = draw_picture(90, 121);
  for (const int in : {1, 2, 5, 6, 7, 40, 89, 90})
    for (const int out : {1, 2, 3, 17, 45, 90, 224}) {
      CAPTURE(in, out);
      const resample::Weights weights = resample::weights(in, out);
      std::vector<std::uint8_t> plain(static_cast<std::size_t>(out) * 3), simd(plain);
      resample::kPlain.horizontal(picture.rgb.data(), in, weights, plain.data());
      resample::kAvx2.horizontal(picture.rgb.data(), in, weights, simd.data());
      REQUIRE(plain == simd);
      for (const std::size_t bytes : {3U, 15U, 16U, 17U, 363U}) {
        std::vector<std::uint8_t> plain_row(bytes), simd_row(bytes);
        for (int y = 0; y < out; ++y) {
          resample::kPlain.vertical(picture.rgb.data(), bytes, weights, y, plain_row.data());
          resample::kAvx2.vertical(picture.rgb.data(), bytes, weights, y, simd_row.data());
          REQUIRE(plain_row == simd_row);
        }
      }
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
