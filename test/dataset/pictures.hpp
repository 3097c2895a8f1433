// A small data set of real JPEGs, as an archive.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "archives.hpp"
#include "image/image.hpp"

namespace amltrain::test {

/// A JPEG of 12 x 9 pixels whose colour depends on `seed`.
inline std::string jpeg(unsigned seed) {
  Image image{9, 12, std::vector<std::uint8_t>(9 * 12 * 3)};
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(seed * 50 + i);
  const auto bytes = encode_jpeg(image, 90);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Two classes, three images for training and two for validation, below the folder `top` ("" for none).
inline std::vector<Entry> two_classes(const std::string& top) {
  return {{top + "train/ants/1.jpg", jpeg(1)},
          {top + "train/ants/2.jpg", jpeg(2)},
          {top + "train/bees/1.jpg", jpeg(3)},
          {top + "val/ants/1.jpg", jpeg(4)},
          {top + "val/bees/1.jpg", jpeg(5)}};
}

}  // namespace amltrain::test
