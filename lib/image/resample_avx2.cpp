#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "image/resample.hpp"

// Sums are the integers of the plain passes: weight = high * 2048 + low, both of 16 bits, and each half times
// a byte, summed over all taps, stays below 2^31 (the weights of one output add up to 2^22).
#define AMLTRAIN_AVX2 __attribute__((target("avx2")))

namespace amltrain::resample {
namespace {

constexpr int kHalf = 1 << (kBits - 1);

// The band is that of the plain passes: four rows one after the other.

/// `taps` numbers of 16 bits that are the high halves, then as many that are the low ones: `taps` words.
void pack(Weights& weights) {
  const auto taps = static_cast<std::size_t>(weights.taps);
  weights.packed.resize(weights.fixed.size());
  for (std::size_t i = 0; i < weights.fixed.size(); i += taps) {
    auto* const halves = reinterpret_cast<char*>(weights.packed.data() + i);
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const auto high = static_cast<std::int16_t>(weights.fixed[i + tap] >> 11);
      const auto low = static_cast<std::int16_t>(weights.fixed[i + tap] & 2047);
      std::memcpy(halves + tap * 2, &high, 2);
      std::memcpy(halves + (taps + tap) * 2, &low, 2);
    }
  }
}

AMLTRAIN_AVX2 inline __m256i finish(__m256i high, __m256i low) {
  const __m256i sum =
      _mm256_add_epi32(_mm256_slli_epi32(high, 11), _mm256_add_epi32(low, _mm256_set1_epi32(kHalf)));
  return _mm256_srli_epi32(sum, kBits);
}

/// Four weights, the first two in each place of the lower lane, the others in the upper.
AMLTRAIN_AVX2 inline __m256i spread(const std::int32_t* weights) {
  const __m128i four = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(weights));
  return _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(four), _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1));
}

/// The sum of both lanes, in the lower one.
AMLTRAIN_AVX2 inline __m256i fold(__m256i sum) {
  return _mm256_add_epi32(sum, _mm256_permute4x64_epi64(sum, 0b01'00'11'10));
}

/// Four taps at once: 16 bytes hold pixels 0 to 3; one lane pairs pixels 0 and 1 channel by channel, the
/// other 2, 3.
AMLTRAIN_AVX2 void across_row(const std::uint8_t* in, int width, const Weights& weights, bool mirrored,
                              std::uint8_t* out) {
  const __m256i pairs = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                                         6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const int last_whole_load = width - 6;  // 16 bytes from a later pixel reach past the row
  const std::size_t count = weights.spans.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = mirrored ? count - 1 - i : i;
    const Weights::Span span = weights.spans[from];
    const std::int32_t* weight = weights.packed.data() + from * static_cast<std::size_t>(weights.taps);
    __m256i high = _mm256_setzero_si256(), low = high;
    for (int tap = 0; tap < span.count; tap += 4) {
      const int pixel = span.first + tap;
      __m128i bytes;
      if (pixel <= last_whole_load) {
        bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + pixel * 3));
      } else {
        alignas(16) std::uint8_t edge[16] = {};
        std::memcpy(edge, in + pixel * 3, static_cast<std::size_t>(std::min(width - pixel, 4)) * 3);
        bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(edge));
      }
      const __m256i values = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), pairs);
      high = _mm256_add_epi32(high, _mm256_madd_epi16(values, spread(weight + tap / 2)));
      low = _mm256_add_epi32(low, _mm256_madd_epi16(values, spread(weight + (weights.taps + tap) / 2)));
    }
    const __m128i rgb = _mm256_castsi256_si128(finish(fold(high), fold(low)));
    *out++ = static_cast<std::uint8_t>(_mm_extract_epi32(rgb, 0));
    *out++ = static_cast<std::uint8_t>(_mm_extract_epi32(rgb, 1));
    *out++ = static_cast<std::uint8_t>(_mm_extract_epi32(rgb, 2));
  }
}

void across(const std::uint8_t* const rows[4], int width, const Weights& weights, bool mirrored,
            std::uint8_t* band) {
  const std::size_t stride = band_bytes(weights.spans.size()) / 4;
  for (std::size_t row = 0; row < 4; ++row)
    across_row(rows[row], width, weights, mirrored, band + row * stride);
}

/// Sixteen bytes of the output row from pairs of input rows.
AMLTRAIN_AVX2 inline void down16(const std::uint8_t* first, std::size_t stride, int count,
                                 const std::int32_t* high, const std::int32_t* low, std::uint8_t* out) {
  __m256i sum_high[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  __m256i sum_low[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (int pair = 0; pair * 2 < count; ++pair, first += 2 * stride) {
    const __m128i upper = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first));
    const __m128i lower = pair * 2 + 1 < count
                              ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + stride))
                              : _mm_setzero_si128();
    const __m256i values[2] = {_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(upper, lower)),
                               _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(upper, lower))};
    for (int half = 0; half < 2; ++half) {
      sum_high[half] =
          _mm256_add_epi32(sum_high[half], _mm256_madd_epi16(values[half], _mm256_set1_epi32(high[pair])));
      sum_low[half] =
          _mm256_add_epi32(sum_low[half], _mm256_madd_epi16(values[half], _mm256_set1_epi32(low[pair])));
    }
  }
  const __m256i words =  // packs lane by lane: 0-3, 8-11 | 4-7, 12-15
      _mm256_packus_epi32(finish(sum_high[0], sum_low[0]), finish(sum_high[1], sum_low[1]));
  const __m256i ordered = _mm256_permute4x64_epi64(words, 0b11'01'10'00);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_packus_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1)));
}

AMLTRAIN_AVX2 void down(const std::uint8_t* bands, std::size_t columns, const Weights& weights, int index,
                        std::uint8_t* out) {
  const std::size_t stride = band_bytes(columns) / 4, bytes = columns * 3;
  if (bytes < 16) return kPlain.down(bands, columns, weights, index, out);
  const Weights::Span span = weights.spans[static_cast<std::size_t>(index)];
  const std::int32_t* high =
      weights.packed.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(weights.taps);
  const std::int32_t* low = high + weights.taps / 2;
  const std::uint8_t* first = bands + static_cast<std::size_t>(span.first) * stride;
  std::size_t i = 0;
  for (; i + 16 <= bytes; i += 16) down16(first + i, stride, span.count, high, low, out + i);
  if (i < bytes)  // the last sixteen again, some of them twice
    down16(first + bytes - 16, stride, span.count, high, low, out + bytes - 16);
}

}  // namespace

const Passes kAvx2{pack, pack, across, down};

}  // namespace amltrain::resample
