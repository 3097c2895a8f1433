// Products of bfloat16 pairs, for processors that have avx512_bf16: one instruction multiplies 16 pairs and
// adds both products in float. Internal to nn/: what convolutions are made of (convolution.hpp,
// weight_gradient.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace amltrain::engine::pair_kernels {

/// Two bfloat16 in one word, the first in the lower half.
using Pair = std::uint32_t;

inline constexpr std::size_t kRows = 8, kColumns = 32;  // of a tile: 16 registers of 16 floats

/// Where the steps of a sum lie in `a`: three loops, the last the innermost; distances in words. In `b` the
/// steps of a plane follow each other, kColumns words each; planes are b_plane words apart.
struct Steps {
  std::size_t planes, lines, steps;
  std::size_t a_plane, a_line, a_step;
  std::size_t b_plane;
};

/// tile[row * kColumns + column] += sum over the steps of a[step's offset + row] . b[step][column], for `rows`
/// (1 to kRows) rows. Needs is_supported().
void add_products(const Pair* a, const Pair* b, const Steps& steps, std::size_t rows, float* tile);

/// out[i] = {one[i], other[i]}; `other` may be null: zeros.
void interleave(const std::uint16_t* one, const std::uint16_t* other, std::size_t count, Pair* out);

/// This processor has the instruction, and none that multiplies whole tiles (AMX), for which oneDNN is better.
bool is_supported();

}  // namespace amltrain::engine::pair_kernels
