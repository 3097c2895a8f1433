#include "image/resize.hpp"

#include <cstring>
#include <string>

#include "image/formats.hpp"
#include "image/resample.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

std::size_t bytes_of(int height, int width) {
  return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3;
}

}  // namespace

Image resize(const Image& image, const Box& box, ImageSize size) {
  require_inside(box, {image.height, image.width});
  if (size.height <= 0 || size.width <= 0)
    throw Error(category::internal,
                "can't resize to " + std::to_string(size.width) + " x " + std::to_string(size.height));
  const resample::Passes& passes = resample::best_passes();

  // Rows first, as Pillow up to 12: rounding to bytes between the passes makes the order matter.
  const std::size_t row = bytes_of(1, size.width);
  std::vector<std::uint8_t> wide(bytes_of(box.height, size.width));
  const resample::Weights across = resample::weights(box.width, size.width);
  for (int y = 0; y < box.height; ++y) {
    const std::uint8_t* from = image.rgb.data() + bytes_of(box.top + y, image.width) + bytes_of(1, box.left);
    std::uint8_t* to = wide.data() + static_cast<std::size_t>(y) * row;
    if (box.width == size.width)
      std::memcpy(to, from, row);
    else
      passes.horizontal(from, box.width, across, to);
  }
  if (box.height == size.height) return {size.height, size.width, std::move(wide)};

  Image out{size.height, size.width, std::vector<std::uint8_t>(bytes_of(size.height, size.width))};
  const resample::Weights down = resample::weights(box.height, size.height);
  for (int y = 0; y < size.height; ++y)
    passes.vertical(wide.data(), row, down, y, out.rgb.data() + static_cast<std::size_t>(y) * row);
  return out;
}

Image resize_shorter_side(const Image& image, int shorter) {
  const int shorter_now = std::min(image.height, image.width),
            longer_now = std::max(image.height, image.width);
  if (shorter_now == 0) throw Error(category::internal, "can't resize an empty image");
  // int(size * long / short) of torchvision, cut off, not rounded.
  const int longer = static_cast<int>(static_cast<std::int64_t>(shorter) * longer_now / shorter_now);
  const ImageSize size = image.height < image.width ? ImageSize{shorter, longer} : ImageSize{longer, shorter};
  if (size.height == image.height && size.width == image.width) return image;
  return resize(image, {0, 0, image.width, image.height}, size);
}

}  // namespace amltrain
