#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "image/formats.hpp"

namespace amltrain::webp {
namespace {

const std::uint8_t* data(Bytes bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

WebPBitstreamFeatures features(Bytes bytes, std::string_view origin) {
  WebPBitstreamFeatures found;
  const VP8StatusCode status = WebPGetFeatures(data(bytes), bytes.size(), &found);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) throw_unreadable(origin, "the image file is truncated");
  if (status != VP8_STATUS_OK) throw_unreadable(origin, "the WebP header is corrupt");
  return found;
}

/// The canvas after the first frame of an animation, alpha dropped.
Image first_frame(Bytes bytes, std::string_view origin, ImageSize size) {
  const WebPData all{data(bytes), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&all, nullptr), WebPAnimDecoderDelete);
  std::uint8_t* rgba = nullptr;
  int time = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &rgba, &time))
    throw_unreadable(origin, "the WebP animation is truncated or corrupt");
  const std::size_t pixels = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
  Image out{size.height, size.width, std::vector<std::uint8_t>(pixels * 3)};
  for (std::size_t i = 0; i < pixels; ++i) std::memcpy(&out.rgb[3 * i], rgba + 4 * i, 3);
  return out;
}

}  // namespace

bool recognises(Bytes bytes) {
  return bytes.size() >= 12 && std::memcmp(bytes.data(), "RIFF", 4) == 0 &&
         std::memcmp(bytes.data() + 8, "WEBP", 4) == 0;
}

ImageSize probe(Bytes bytes, std::string_view origin) {
  const WebPBitstreamFeatures found = features(bytes, origin);
  return {found.height, found.width};
}

Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits) {
  const WebPBitstreamFeatures found = features(bytes, origin);
  const ImageSize size{found.height, found.width};
  require_within(limits, size, origin);
  if (found.has_animation) return first_frame(bytes, origin, size);
  const std::size_t stride = static_cast<std::size_t>(size.width) * 3;
  Image out{size.height, size.width,
            std::vector<std::uint8_t>(stride * static_cast<std::size_t>(size.height))};
  if (WebPDecodeRGBInto(data(bytes), bytes.size(), out.rgb.data(), out.rgb.size(),
                        static_cast<int>(stride)) == nullptr)
    throw_unreadable(origin, "the image file is truncated or corrupt");
  return out;
}

}  // namespace amltrain::webp
