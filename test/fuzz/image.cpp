// JPEG, PNG and WebP: the whole picture, a box of it, and both ways the same pixels.
#include "image/image.hpp"

#include <algorithm>

#include "input.hpp"

void fuzz(amltrain::fuzz::Input input) {
  using namespace amltrain;
  const unsigned choice = input.take_byte();
  const DecodeLimits limits{.pixels = 1 << 16};
  Image whole;
  if (!fuzz::accepts([&] { whole = decode(input.bytes(), "input", limits); })) return;
  fuzz::require(whole.rgb.size() == std::size_t{3} * whole.height * whole.width, "a picture has its pixels");
  fuzz::accepts([&] {
    const ImageSize size = probe_size(input.bytes(), "input");
    fuzz::require(size.height == whole.height && size.width == whole.width, "the header says the size");
  });

  const int left = static_cast<int>(choice % 16) * whole.width / 16;
  const int top = static_cast<int>(choice / 16) * whole.height / 16;
  const Box box{left, top, std::max(1, (whole.width - left) / 2), std::max(1, (whole.height - top) / 2)};
  fuzz::accepts([&] {
    const Image part = decode_region(input.bytes(), "input", box, limits);
    for (int y = 0; y < box.height; ++y) {
      const auto* const in_whole = &whole.rgb[std::size_t{3} * ((top + y) * whole.width + left)];
      fuzz::require(std::equal(in_whole, in_whole + 3 * box.width, &part.rgb[std::size_t{3} * y * box.width]),
                    "a box has the pixels of the whole");
    }
  });
}
