// How a picture looks, in a few bytes: the same for a copy that was encoded again or resized.
// The hash is the DCT hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions"
// (2010), with the sign of a coefficient in place of its order: a mirrored picture then differs in a known
// way.
#pragma once

#include <array>
#include <cstdint>

#include "image/image.hpp"

namespace amltrain {

struct Look {
  /// 63 bits: which of the 8 x 8 lowest DCT coefficients, but the mean, of the grey picture at 32 x 32 pixels
  /// are above a small threshold. `mirrored` is that of the picture flipped left to right.
  std::uint64_t upright = 0, mirrored = 0;
  /// 8 x 8 mean colours, RGB, row-major: tells apart what the hash, blind to colour and brightness, takes as
  /// one.
  std::array<std::uint8_t, 192> colours{};
};

/// Throws Error{internal} for an empty image.
Look look_of(const Image& image);

/// Bits that differ, 0 to 63.
int hash_distance(std::uint64_t a, std::uint64_t b);

/// Root mean square difference of the mean colours, in levels of 0 to 255; `mirrored`: of b flipped.
double colour_distance(const Look& a, const Look& b, bool mirrored);

}  // namespace amltrain
