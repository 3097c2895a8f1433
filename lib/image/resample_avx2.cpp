#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "image/resample.hpp"

// Sums are the integers of the plain passes: weight = high * 2048 + low, and each half times a byte, summed
// over all taps, stays below 2^31 (the weights of one output add up to 2^22).
#define AMLTRAIN_AVX2 __attribute__((target("avx2")))

namespace amltrain::resample {
namespace {

constexpr int kHalf = 1 << (kBits - 1);

AMLTRAIN_AVX2 inline __m256i finish(__m256i high, __m256i low) {
  const __m256i sum =
      _mm256_add_epi32(_mm256_slli_epi32(high, 11), _mm256_add_epi32(low, _mm256_set1_epi32(kHalf)));
  return _mm256_srli_epi32(sum, kBits);
}

/// Four weights, the first two in each place of the lower lane, the others in the upper.
AMLTRAIN_AVX2 inline __m256i spread(const std::int16_t* weights) {
  const __m128i four = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(weights));
  return _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(four), _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1));
}

/// The sum of both lanes, in the lower one.
AMLTRAIN_AVX2 inline __m256i fold(__m256i sum) {
  return _mm256_add_epi32(sum, _mm256_permute4x64_epi64(sum, 0b01'00'11'10));
}

/// Four taps at once: 16 bytes hold pixels 0 to 3; one lane pairs pixels 0 and 1 channel by channel, the
/// other 2, 3.
AMLTRAIN_AVX2 void horizontal(const std::uint8_t* in, int in_width, const Weights& weights,
                              std::uint8_t* out) {
  const __m256i pairs = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                                         6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const int last_whole_load = in_width - 6;  // 16 bytes from a later pixel reach past the row
  std::size_t weight = 0;
  for (const Weights::Span& span : weights.spans) {
    __m256i high = _mm256_setzero_si256(), low = high;
    for (int tap = 0; tap < span.count; tap += 4) {
      const int pixel = span.first + tap;
      __m128i bytes;
      if (pixel <= last_whole_load) {
        bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + pixel * 3));
      } else {
        alignas(16) std::uint8_t edge[16] = {};
        std::memcpy(edge, in + pixel * 3, static_cast<std::size_t>(std::min(in_width - pixel, 4)) * 3);
        bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(edge));
      }
      const __m256i values = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), pairs);
      const std::size_t at = weight + static_cast<std::size_t>(tap);
      high = _mm256_add_epi32(high, _mm256_madd_epi16(values, spread(&weights.high[at])));
      low = _mm256_add_epi32(low, _mm256_madd_epi16(values, spread(&weights.low[at])));
    }
    const __m128i rgb = _mm256_castsi256_si128(finish(fold(high), fold(low)));
    *out++ = static_cast<std::uint8_t>(_mm_extract_epi32(rgb, 0));
    *out++ = static_cast<std::uint8_t>(_mm_extract_epi32(rgb, 1));
    *out++ = static_cast<std::uint8_t>(_mm_extract_epi32(rgb, 2));
    weight += static_cast<std::size_t>(weights.taps);
  }
}

/// Sixteen bytes of the output row from pairs of input rows.
AMLTRAIN_AVX2 inline void vertical16(const std::uint8_t* first, std::size_t bytes, int count,
                                     const std::int16_t* high, const std::int16_t* low, std::uint8_t* out) {
  __m256i sum_high[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  __m256i sum_low[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (int tap = 0; tap < count; tap += 2, first += 2 * bytes) {
    const __m128i upper = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first));
    const __m128i lower = tap + 1 < count ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + bytes))
                                          : _mm_setzero_si128();
    std::int32_t pair_high, pair_low;  // the weights of both rows
    std::memcpy(&pair_high, high + tap, sizeof pair_high);
    std::memcpy(&pair_low, low + tap, sizeof pair_low);
    const __m256i values[2] = {_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(upper, lower)),
                               _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(upper, lower))};
    for (int half = 0; half < 2; ++half) {
      sum_high[half] =
          _mm256_add_epi32(sum_high[half], _mm256_madd_epi16(values[half], _mm256_set1_epi32(pair_high)));
      sum_low[half] =
          _mm256_add_epi32(sum_low[half], _mm256_madd_epi16(values[half], _mm256_set1_epi32(pair_low)));
    }
  }
  const __m256i words =  // packs lane by lane: 0-3, 8-11 | 4-7, 12-15
      _mm256_packus_epi32(finish(sum_high[0], sum_low[0]), finish(sum_high[1], sum_low[1]));
  const __m256i ordered = _mm256_permute4x64_epi64(words, 0b11'01'10'00);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_packus_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1)));
}

AMLTRAIN_AVX2 void vertical(const std::uint8_t* in, std::size_t bytes, const Weights& weights, int index,
                            std::uint8_t* out) {
  if (bytes < 16) return kPlain.vertical(in, bytes, weights, index, out);
  const Weights::Span span = weights.spans[static_cast<std::size_t>(index)];
  const std::size_t weight = static_cast<std::size_t>(index) * static_cast<std::size_t>(weights.taps);
  const std::uint8_t* first = in + static_cast<std::size_t>(span.first) * bytes;
  const auto at = [&](std::size_t i) AMLTRAIN_AVX2 {
    vertical16(first + i, bytes, span.count, &weights.high[weight], &weights.low[weight], out + i);
  };
  std::size_t i = 0;
  for (; i + 16 <= bytes; i += 16) at(i);
  if (i < bytes) at(bytes - 16);  // the last sixteen again, some of them twice
}

}  // namespace

const Passes kAvx2{horizontal, vertical};

}  // namespace amltrain::resample
