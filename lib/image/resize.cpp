#include "image/resize.hpp"

#include <algorithm>
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

Image blank(int height, int width) {
  return {height, width, std::vector<std::uint8_t>(bytes_of(height, width))};
}

/// The rows of `box`, each resampled to `width`.
Image resize_across(const Image& image, const Box& box, int width) {
  if (box.width == width) return crop(image, box);
  Image out = blank(box.height, width);
  const resample::Weights weights = resample::weights(box.width, width);
  const resample::Passes& passes = resample::best_passes();
  for (int y = 0; y < box.height; ++y) {
    const std::uint8_t* from = image.rgb.data() + bytes_of(box.top + y, image.width) + bytes_of(1, box.left);
    passes.horizontal(from, box.width, weights, out.rgb.data() + bytes_of(y, width));
  }
  return out;
}

/// The columns of the image, each resampled to `height`.
Image resize_down(Image image, int height) {
  if (image.height == height) return image;
  Image out = blank(height, image.width);
  const resample::Weights weights = resample::weights(image.height, height);
  const resample::Passes& passes = resample::best_passes();
  const std::size_t row = bytes_of(1, image.width);
  for (int y = 0; y < height; ++y)
    passes.vertical(image.rgb.data(), row, weights, y, out.rgb.data() + bytes_of(y, image.width));
  return out;
}

}  // namespace

Image resize(const Image& image, const Box& box, ImageSize size) {
  require_inside(box, {image.height, image.width});
  if (size.height <= 0 || size.width <= 0)
    throw Error(category::internal,
                "can't resize to " + std::to_string(size.width) + " x " + std::to_string(size.height));
  // Rounding to bytes between the passes makes their order matter. Pillow's is rows first, but for a very
  // tall picture made lower.
  const bool very_tall = box.height > 100LL * box.width && size.height < box.height;
  if (!very_tall) return resize_down(resize_across(image, box, size.width), size.height);
  const Image low = resize_down(crop(image, box), size.height);
  return resize_across(low, {0, 0, low.width, low.height}, size.width);
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
