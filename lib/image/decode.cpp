#include <algorithm>
#include <cstring>

#include "image/formats.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

struct Format {
  bool (*recognises)(Bytes);
  ImageSize (*probe)(Bytes, std::string_view);
  Image (*decode)(Bytes, std::string_view, const DecodeLimits&);
};
constexpr Format kFormats[] = {{jpeg::recognises, jpeg::probe, jpeg::decode},
                               {png::recognises, png::probe, png::decode},
                               {webp::recognises, webp::probe, webp::decode}};

const Format& format_of(Bytes bytes, std::string_view origin) {
  const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [&](const Format& format) { return format.recognises(bytes); });
  if (found != std::end(kFormats)) return *found;
  throw_unreadable(origin, bytes.empty() ? "the file is empty" : "not a JPEG, PNG or WebP image");
}

}  // namespace

void throw_unreadable(std::string_view origin, std::string_view problem) {
  throw Error(category::bad_input, std::string(origin) + ": " + std::string(problem),
              "replace the file or take it out of the data folder");
}

void require_within(const DecodeLimits& limits, ImageSize size, std::string_view origin) {
  const std::uint64_t pixels =
      static_cast<std::uint64_t>(size.height) * static_cast<std::uint64_t>(size.width);
  if (pixels <= limits.pixels) return;
  throw_unreadable(origin, std::to_string(size.width) + " x " + std::to_string(size.height) +
                               " pixels are more than the limit of " + std::to_string(limits.pixels));
}

void require_inside(const Box& box, ImageSize size) {
  if (box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 &&
      box.width <= size.width - box.left && box.height <= size.height - box.top)
    return;
  throw Error(category::internal, "a crop of " + std::to_string(box.width) + " x " +
                                      std::to_string(box.height) + " leaves an image of " +
                                      std::to_string(size.width) + " x " + std::to_string(size.height));
}

Image crop(const Image& image, const Box& box) {
  require_inside(box, {image.height, image.width});
  const std::size_t row = static_cast<std::size_t>(box.width) * 3;
  Image out{box.height, box.width, std::vector<std::uint8_t>(row * static_cast<std::size_t>(box.height))};
  const std::size_t stride = static_cast<std::size_t>(image.width) * 3;
  const std::uint8_t* from =
      image.rgb.data() + static_cast<std::size_t>(box.top) * stride + static_cast<std::size_t>(box.left) * 3;
  for (int y = 0; y < box.height; ++y, from += stride)
    std::memcpy(out.rgb.data() + static_cast<std::size_t>(y) * row, from, row);
  return out;
}

Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits) {
  return format_of(bytes, origin).decode(bytes, origin, limits);
}

Image decode_region(Bytes bytes, std::string_view origin, const Box& box, const DecodeLimits& limits) {
  if (jpeg::recognises(bytes)) return jpeg::decode_region(bytes, origin, box, limits);
  return crop(decode(bytes, origin, limits), box);
}

ImageSize probe_size(Bytes bytes, std::string_view origin) {
  return format_of(bytes, origin).probe(bytes, origin);
}

}  // namespace amltrain
