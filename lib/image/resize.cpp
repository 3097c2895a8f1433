#include "image/resize.hpp"

#include <algorithm>
#include <string>

#include "image/formats.hpp"
#include "image/resampler.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

Image rows_first(const Image& image, const Box& box, ImageSize size) {
  Resampler resampler;
  const Box source = resampler.start({.box = box, .size = size, .window = {0, 0, size.width, size.height}});
  const std::size_t stride = static_cast<std::size_t>(image.width) * 3;
  resampler.take(image.rgb.data() + static_cast<std::size_t>(source.top) * stride +
                     static_cast<std::size_t>(source.left) * 3,
                 stride, source.height);
  const std::size_t row = static_cast<std::size_t>(size.width) * 3;
  Image out{size.height, size.width, std::vector<std::uint8_t>(static_cast<std::size_t>(size.height) * row)};
  for (int y = 0; y < size.height; ++y) resampler.row(y, out.rgb.data() + static_cast<std::size_t>(y) * row);
  return out;
}

}  // namespace

Image resize(const Image& image, const Box& box, ImageSize size) {
  require_inside(box, {image.height, image.width});
  if (!columns_come_first(box, size)) return rows_first(image, box, size);
  // A pass that keeps its size gives back what it is given.
  const Image low = rows_first(image, box, {size.height, box.width});
  return rows_first(low, {0, 0, low.width, low.height}, size);
}

ImageSize size_of_shorter_side(ImageSize size, int shorter) {
  const int shorter_now = std::min(size.height, size.width), longer_now = std::max(size.height, size.width);
  if (shorter_now == 0) throw Error(category::internal, "can't resize an empty image");
  // int(size * long / short) of torchvision, cut off, not rounded.
  const int longer = static_cast<int>(static_cast<std::int64_t>(shorter) * longer_now / shorter_now);
  return size.height < size.width ? ImageSize{shorter, longer} : ImageSize{longer, shorter};
}

Image resize_shorter_side(const Image& image, int shorter) {
  const ImageSize size = size_of_shorter_side({image.height, image.width}, shorter);
  if (size.height == image.height && size.width == image.width) return image;
  return resize(image, {0, 0, image.width, image.height}, size);
}

}  // namespace amltrain
