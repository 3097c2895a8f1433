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

struct Box {
  int left = 0, top = 0, width = 0, height = 0;  // pixels, inside the image
};

/// Refused before anything of the size is allocated.
struct DecodeLimits {
  std::uint64_t pixels = 178'956'970;  // as Pillow: twice its decompression-bomb warning limit
};

/// Decodes JPEG, PNG or WebP, told apart by content, to what Pillow 12's Image.open(f).convert("RGB") gives:
/// grey is replicated, palettes are expanded, alpha is dropped, 16-bit colour keeps its high byte, 16-bit
/// grey is clipped at 255, CMYK and YCCK are taken as inverted (Adobe); of an animation the first picture;
/// EXIF orientation is ignored, as torchvision ignores it. Damage that Pillow overlooks (entropy-coded JPEG
/// data gone wrong, a lost end marker) is overlooked. Throws Error{bad_input} naming `origin` when the data
/// is cut, corrupt, of another format or over `limits`.
Image decode(std::span<const std::byte> bytes, std::string_view origin, const DecodeLimits& limits = {});

/// decode() and then the pixels of `box` alone. From a JPEG no more than the box needs is decoded.
/// Throws as decode() does, and Error{internal} when the box is empty or leaves the image.
Image decode_region(std::span<const std::byte> bytes, std::string_view origin, const Box& box,
                    const DecodeLimits& limits = {});

/// Size from the header alone, without decoding. Throws as decode() does.
ImageSize probe_size(std::span<const std::byte> bytes, std::string_view origin);

/// Baseline JPEG, 4:2:0, `quality` 1 to 100, no metadata: the same bytes for the same pixels.
std::vector<std::byte> encode_jpeg(const Image& image, int quality);

}  // namespace amltrain
