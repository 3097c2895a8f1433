// One reader a format, each with the same three calls; decode.cpp picks by content. Contracts as in
// image.hpp.
#pragma once

#include "image/image.hpp"

namespace amltrain {

using Bytes = std::span<const std::byte>;

namespace jpeg {
bool recognises(Bytes bytes);
ImageSize probe(Bytes bytes, std::string_view origin);
Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits);
Image decode_region(Bytes bytes, std::string_view origin, const Box& box, const DecodeLimits& limits);
}  // namespace jpeg

namespace png {
bool recognises(Bytes bytes);
ImageSize probe(Bytes bytes, std::string_view origin);
Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits);
}  // namespace png

namespace webp {
bool recognises(Bytes bytes);
ImageSize probe(Bytes bytes, std::string_view origin);
Image decode(Bytes bytes, std::string_view origin, const DecodeLimits& limits);
}  // namespace webp

/// Throws Error{bad_input}: "ORIGIN: PROBLEM".
[[noreturn]] void throw_unreadable(std::string_view origin, std::string_view problem);

/// Throws unless the picture is within `limits`.
void require_within(const DecodeLimits& limits, ImageSize size, std::string_view origin);

/// The pixels of `box`. Throws Error{internal} when it is empty or leaves the image.
Image crop(const Image& image, const Box& box);
void require_inside(const Box& box, ImageSize size);

}  // namespace amltrain
