// The formats besides JPEG, each with the same three calls, and how they are told apart. Contracts as in
// image.hpp.
#pragma once

#include "image/image.hpp"

namespace amltrain {

using Bytes = std::span<const std::byte>;

namespace jpeg {  // its reader is in jpeg_reader.hpp
bool recognises(Bytes bytes);
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

struct Format {
  bool (*recognises)(Bytes);
  ImageSize (*probe)(Bytes, std::string_view);
  Image (*decode)(Bytes, std::string_view, const DecodeLimits&);
};
/// The format of what is no JPEG, by content. Throws Error{bad_input} when it is none of them.
const Format& format_of(Bytes bytes, std::string_view origin);

/// Throws Error{bad_input}: "ORIGIN: PROBLEM".
[[noreturn]] void throw_unreadable(std::string_view origin, std::string_view problem);

/// Throws unless the picture is within `limits`.
void require_within(const DecodeLimits& limits, ImageSize size, std::string_view origin);

/// Throws Error{internal} when `box` is empty or leaves the image.
void require_inside(const Box& box, ImageSize size);

}  // namespace amltrain
