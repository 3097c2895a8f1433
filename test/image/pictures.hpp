// Pictures and image files made in the test, so that most test cases need no reference environment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "image/image.hpp"

namespace amltrain::test {

/// Colour gradients, blocks and noise, fixed by the size and the seed.
Image draw_picture(int height, int width, std::uint32_t seed = 1);

enum class Chroma { full, half_width, quarter, half_height };  // 4:4:4, 4:2:2, 4:2:0, 4:4:0

std::vector<std::byte> make_jpeg(const Image& image, Chroma chroma, bool progressive = false,
                                 int restart_every = 0);
std::vector<std::byte> make_png(const Image& image);
std::vector<std::byte> make_webp(const Image& image, bool lossless);

/// The pixels of a box, one by one.
Image cut_out(const Image& image, const Box& box);

/// Left and right changed over.
Image mirror(const Image& image);

/// Repeatable numbers from 0 to limit - 1 (xorshift32).
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed) {}
  int below(int limit);

 private:
  std::uint32_t state_;
};

/// Any box inside an image of the size.
Box random_box(Random& random, int height, int width);

}  // namespace amltrain::test
