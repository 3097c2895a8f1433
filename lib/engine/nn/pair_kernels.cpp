#include "engine/nn/pair_kernels.hpp"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace amltrain::engine::pair_kernels {

#if defined(__x86_64__)

#define AMLTRAIN_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace {

AMLTRAIN_BF16 inline __m512i words(const Bf16* values) {
  return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(values)));
}

}  // namespace

AMLTRAIN_BF16 void add_products(const Pair* a, const Pair* b, const Steps& steps, float* tile) {
  __m512 left[kRows], right[kRows];
  for (std::size_t row = 0; row < kRows; ++row) {
    left[row] = _mm512_loadu_ps(tile + row * kChannels);
    right[row] = _mm512_loadu_ps(tile + row * kChannels + 16);
  }
  for (std::size_t plane = 0; plane < steps.planes; ++plane) {
    for (std::size_t line = 0; line < steps.lines; ++line) {
      const Pair* one = a + plane * steps.a.plane + line * steps.a.line;
      const Pair* other = b + plane * steps.b.plane + line * steps.b.line;
      for (std::size_t step = 0; step < steps.steps; ++step, one += steps.a.step, other += steps.b.step) {
        const __m512bh b_left = (__m512bh)_mm512_loadu_si512(other);
        const __m512bh b_right = (__m512bh)_mm512_loadu_si512(other + 16);
#pragma GCC unroll 8
        for (std::size_t row = 0; row < kRows; ++row) {
          const __m512bh pair = (__m512bh)_mm512_set1_epi32(static_cast<int>(one[row]));
          left[row] = _mm512_dpbf16_ps(left[row], b_left, pair);
          right[row] = _mm512_dpbf16_ps(right[row], b_right, pair);
        }
      }
    }
  }
  for (std::size_t row = 0; row < kRows; ++row) {
    _mm512_storeu_ps(tile + row * kChannels, left[row]);
    _mm512_storeu_ps(tile + row * kChannels + 16, right[row]);
  }
}

AMLTRAIN_BF16 void interleave(const Bf16* one, const Bf16* other, std::size_t pixels, std::size_t distance,
                              Pair* out) {
  for (std::size_t pixel = 0; pixel < pixels; ++pixel, one += distance, out += kChannels) {
    for (std::size_t half = 0; half < kChannels; half += 16) {
      __m512i pairs = words(one + half);
      if (other) pairs = _mm512_or_si512(pairs, _mm512_slli_epi32(words(other + half), 16));
      _mm512_storeu_si512(out + half, pairs);
    }
    if (other) other += distance;
  }
}

#else

namespace {

float widen(Bf16 value) { return std::bit_cast<float>(std::uint32_t{value} << 16); }
float product(Pair a, Pair b) {
  return widen(static_cast<Bf16>(a)) * widen(static_cast<Bf16>(b)) +
         widen(static_cast<Bf16>(a >> 16)) * widen(static_cast<Bf16>(b >> 16));
}

}  // namespace

void add_products(const Pair* a, const Pair* b, const Steps& steps, float* tile) {
  for (std::size_t i = 0; i < steps.planes * steps.lines * steps.steps; ++i) {
    const std::size_t step = i % steps.steps, line = i / steps.steps % steps.lines;
    const std::size_t plane = i / steps.steps / steps.lines;
    const auto offset = [&](const Steps::Distances& distances) {
      return plane * distances.plane + line * distances.line + step * distances.step;
    };
    for (std::size_t j = 0; j < kRows * kChannels; ++j)
      tile[j] += product(a[offset(steps.a) + j / kChannels], b[offset(steps.b) + j % kChannels]);
  }
}

void interleave(const Bf16* one, const Bf16* other, std::size_t pixels, std::size_t distance, Pair* out) {
  for (std::size_t i = 0; i < pixels * kChannels; ++i) {
    const std::size_t from = i / kChannels * distance + i % kChannels;
    out[i] = one[from] | (other ? Pair{other[from]} << 16 : 0);
  }
}

#endif

}  // namespace amltrain::engine::pair_kernels
