// Bytes to the floats that the network sees.
#pragma once

#include <cstdint>
#include <span>

namespace amltrain::engine {

/// ImageNet's mean and standard deviation, per channel, of values in 0..1.
inline constexpr float kMean[3] = {0.485f, 0.456f, 0.406f};
inline constexpr float kStd[3] = {0.229f, 0.224f, 0.225f};

/// ToTensor + Normalize(kMean, kStd) of RGB pixels, in their order: as many floats, to the bits of torch's
/// float arithmetic. Throws Error{internal} when the numbers differ.
void normalise(std::span<const std::uint8_t> rgb, std::span<float> out);

/// The same without vector instructions, to compare.
void normalise_plain(std::span<const std::uint8_t> rgb, std::span<float> out);

}  // namespace amltrain::engine
