// Half of a float's bytes: its sign, its exponent and 7 of its 23 bits.
#pragma once

#include <bit>
#include <cstdint>

namespace amltrain::engine {

/// To the nearest, of two as near to the even one. What is no number stays none.
inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16, quiet = (bits >> 16) | 0x40U;
  return static_cast<std::uint16_t>((bits & 0x7fffffffU) > 0x7f800000U ? quiet : rounded);
}

inline float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace amltrain::engine
