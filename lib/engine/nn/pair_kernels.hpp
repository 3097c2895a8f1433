// Products of bfloat16 pairs: one instruction of avx512_bf16 multiplies 16 pairs and adds both products in
// float. Internal to nn/: what weight_gradient.hpp is made of. On other processors plain loops that nobody
// calls for speed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace amltrain::engine::pair_kernels {

using Bf16 = std::uint16_t;  // by its bits
/// Two bfloat16 in one word, the first in the lower half.
using Pair = std::uint32_t;

inline constexpr std::size_t kChannels = 32;  // of a block
inline constexpr std::size_t kRows = 8;       // of a tile of kChannels columns: 16 registers

/// Where the steps of a sum lie in two arrays of pairs: three loops, the last the innermost, by their numbers
/// and by their distances.
struct Steps {
  std::size_t planes, lines, steps;
  struct Distances {
    std::size_t plane, line, step;
  } a, b;
};

/// tile[row * kChannels + column] += sum over the steps of a[step + row] . b[step + column].
void add_products(const Pair* a, const Pair* b, const Steps& steps, float* tile);

/// out[pixel * kChannels + i] = {one[pixel * distance + i], other[...]}; `other` may be null: zeros.
void interleave(const Bf16* one, const Bf16* other, std::size_t pixels, std::size_t distance, Pair* out);

}  // namespace amltrain::engine::pair_kernels
