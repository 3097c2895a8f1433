// One picture in memory, and the two things done to its file: read and written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amltrain {

struct Image {
  int height = 0, width = 0;      // pixels
  std::vector<std::uint8_t> rgb;  // height x width x 3, row-major
};

struct ImageSize {
  int height = 0, width = 0;
};

/// Refused before anything of the size is allocated.
struct DecodeLimits {
  std::uint64_t pixels = 178'956'970;  // as Pillow: twice its decompression-bomb warning limit
};

/// Decodes JPEG, PNG or WebP, told apart by content, to what Pillow 12's Image.open(f).convert("RGB") gives: grey is
/// replicated, palettes are expanded, alpha is dropped, 16-bit is reduced, CMYK and YCCK are converted as Pillow does;
/// EXIF orientation is ignored, as torchvision ignores it.
/// Throws Error{bad_input} naming `origin` when the data is cut, corrupt, of another format or over `limits`.
Image decode(std::span<const std::byte> bytes, std::string_view origin, const DecodeLimits& limits = {});

/// Size from the header alone, without decoding. Throws as decode() does.
ImageSize probe_size(std::span<const std::byte> bytes, std::string_view origin);

/// Baseline JPEG, 4:2:0, `quality` 1 to 100, no metadata: the same bytes for the same pixels.
std::vector<std::byte> encode_jpeg(const Image& image, int quality);

}  // namespace amltrain
