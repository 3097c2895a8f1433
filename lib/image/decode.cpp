#include <algorithm>
#include <cstring>

#include "image/formats.hpp"
#include "image/reader.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

constexpr Format kFormats[] = {{png::recognises, png::probe, png::decode},
                               {webp::recognises, webp::probe, webp::decode}};

/// Collects the rows of a region.
class Picture final : public RowSink {
 public:
  explicit Picture(const Box& box)
      : image_{box.height, box.width,
               std::vector<std::uint8_t>(static_cast<std::size_t>(box.height) *
                                         static_cast<std::size_t>(box.width) * 3)} {}
  void take(const std::uint8_t* first, std::size_t stride, int count) override {
    const std::size_t row = static_cast<std::size_t>(image_.width) * 3;
    for (int y = 0; y < count; ++y, filled_ += row)
      std::memcpy(image_.rgb.data() + filled_, first + static_cast<std::size_t>(y) * stride, row);
  }
  Image image() && { return std::move(image_); }

 private:
  Image image_;
  std::size_t filled_ = 0;  // bytes
};

ImageReader open(Bytes bytes, std::string_view origin, const DecodeLimits& limits) {
  ImageReader reader;
  reader.open(bytes, origin, limits);
  return reader;
}

}  // namespace

const Format& format_of(Bytes bytes, std::string_view origin) {
  const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [&](const Format& format) { return format.recognises(bytes); });
  if (found != std::end(kFormats)) return *found;
  throw_unreadable(origin, bytes.empty() ? "the file is empty" : "not a JPEG, PNG or WebP image");
}

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

Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits) {
  return open(bytes, origin, limits).read();
}

Image decode_region(Bytes bytes, std::string_view origin, const Box& box, const DecodeLimits& limits) {
  ImageReader reader = open(bytes, origin, limits);
  require_inside(box, reader.size());
  Picture picture(box);
  reader.read(box, picture);
  return std::move(picture).image();
}

ImageSize probe_size(Bytes bytes, std::string_view origin) {
  return open(bytes, origin, {.pixels = ~std::uint64_t{0}}).size();
}

}  // namespace amltrain
