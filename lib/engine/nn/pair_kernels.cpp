#include "engine/nn/pair_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace amltrain::engine::pair_kernels {

#if defined(__x86_64__)

#define AMLTRAIN_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace {

template <std::size_t kCount>
AMLTRAIN_BF16 void products(const Pair* a, const Pair* b, const Steps& steps, float* tile) {
  __m512 left[kCount], right[kCount];
  for (std::size_t row = 0; row < kCount; ++row) {
    left[row] = _mm512_loadu_ps(tile + row * kColumns);
    right[row] = _mm512_loadu_ps(tile + row * kColumns + 16);
  }
  for (std::size_t plane = 0; plane < steps.planes; ++plane) {
    const Pair* b_step = b + plane * steps.b_plane;
    for (std::size_t line = 0; line < steps.lines; ++line) {
      const Pair* a_step = a + plane * steps.a_plane + line * steps.a_line;
      for (std::size_t step = 0; step < steps.steps; ++step, a_step += steps.a_step, b_step += kColumns) {
        const __m512bh b_left = (__m512bh)_mm512_loadu_si512(b_step);
        const __m512bh b_right = (__m512bh)_mm512_loadu_si512(b_step + 16);
        for (std::size_t row = 0; row < kCount; ++row) {
          const __m512bh one = (__m512bh)_mm512_set1_epi32(static_cast<int>(a_step[row]));
          left[row] = _mm512_dpbf16_ps(left[row], b_left, one);
          right[row] = _mm512_dpbf16_ps(right[row], b_right, one);
        }
      }
    }
  }
  for (std::size_t row = 0; row < kCount; ++row) {
    _mm512_storeu_ps(tile + row * kColumns, left[row]);
    _mm512_storeu_ps(tile + row * kColumns + 16, right[row]);
  }
}

using Products = void (*)(const Pair*, const Pair*, const Steps&, float*);
constexpr Products kProducts[] = {products<1>, products<2>, products<3>, products<4>,
                                  products<5>, products<6>, products<7>, products<8>};

}  // namespace

void add_products(const Pair* a, const Pair* b, const Steps& steps, std::size_t rows, float* tile) {
  kProducts[rows - 1](a, b, steps, tile);
}

AMLTRAIN_BF16 void interleave(const std::uint16_t* __restrict one, const std::uint16_t* __restrict other,
                              std::size_t count, Pair* __restrict out) {
  if (other == nullptr)
    for (std::size_t i = 0; i < count; ++i) out[i] = one[i];
  else
    for (std::size_t i = 0; i < count; ++i) out[i] = one[i] | Pair{other[i]} << 16;
}

#endif

}  // namespace amltrain::engine::pair_kernels
