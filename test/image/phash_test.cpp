#include "image/phash.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "image/pictures.hpp"
#include "image/resize.hpp"

using namespace amltrain;
using namespace amltrain::test;

namespace {

Image plain(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Image image{40, 50, {}};
  for (int i = 0; i < 40 * 50; ++i) image.rgb.insert(image.rgb.end(), {red, green, blue});
  return image;
}

}  // namespace

TEST_CASE("a picture that was encoded again or resized looks as before", "[image]") {
  const Image image = draw_picture(200, 300, GENERATE(1U, 2U, 3U, 4U));
  const Look look = look_of(image);
  const Image again = decode(encode_jpeg(image, 60), "again");
  const Image small = resize(image, {0, 0, 300, 200}, {93, 140});
  for (const Image& copy : {again, small}) {
    CHECK(hash_distance(look.upright, look_of(copy).upright) <= 4);
    CHECK(colour_distance(look, look_of(copy), false) < 4);
  }
}

TEST_CASE("a picture flipped left to right has the two hashes exchanged", "[image]") {
  const Image image = draw_picture(200, 300, GENERATE(1U, 2U, 3U, 4U));
  const Look look = look_of(image), other = look_of(mirror(image));
  CHECK(look.upright == other.mirrored);
  CHECK(look.mirrored == other.upright);
  CHECK(hash_distance(look.upright, look.mirrored) > 8);
  CHECK(colour_distance(look, other, true) == 0);
  CHECK(colour_distance(look, other, false) > 0);
}

TEST_CASE("even pictures share a hash, and their colours tell them apart", "[image]") {
  const Look red = look_of(plain(200, 10, 10)), blue = look_of(plain(10, 10, 200));
  CHECK(red.upright == 0);
  CHECK(blue.upright == 0);
  CHECK(colour_distance(red, blue, false) == Approx(std::sqrt(2 * 190.0 * 190.0 / 3)));
}
