#include <immintrin.h>

#include "image/resample.hpp"

// Sums are the integers of the plain passes. A weight of 23 bits is three signed digits to the base 256,
// weight = a * 65536 + b * 256 + c, and vpdpbusd adds the products of four bytes with four digits to a sum of
// 32 bits: the three sums, shifted and added, are the sum of the whole products. Carries out of 32 bits on
// the way cancel, as the result has less than 31.
#define AMLTRAIN_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

namespace amltrain::resample {
namespace {

constexpr int kHalf = 1 << (kBits - 1);
constexpr std::size_t kDigits = 3;  // words of four digits for four taps

// The band of these passes: for each column and channel its four bytes, one a row, so that a word of a band
// meets a word of digits in both passes.

/// Puts four weights, the first taken from `tap` on (zero outside `count`), into three words of digits.
void put_digits(const std::int32_t* weights, int tap, int count, std::int32_t* words) {
  std::uint32_t digits[kDigits] = {};
  for (int i = 0; i < 4; ++i) {
    if (tap + i < 0 || tap + i >= count) continue;
    std::int32_t rest = weights[tap + i];
    for (std::size_t digit = kDigits; digit-- > 0;) {
      const auto low = static_cast<std::int8_t>(rest & 255);
      rest = (rest - low) / 256;
      digits[digit] |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(low)) << 8 * i;
    }
  }
  for (std::size_t digit = 0; digit < kDigits; ++digit)
    words[digit] = static_cast<std::int32_t>(digits[digit]);
}

std::size_t groups_across(const Weights& weights) { return static_cast<std::size_t>(weights.taps) / 4; }
/// One more: a span may begin within a band.
std::size_t groups_down(const Weights& weights) { return groups_across(weights) + 1; }

void pack_across(Weights& weights) {
  const std::size_t groups = groups_across(weights);
  weights.packed.resize(weights.spans.size() * groups * kDigits);
  std::int32_t* words = weights.packed.data();
  for (std::size_t i = 0; i < weights.spans.size(); ++i)
    for (std::size_t group = 0; group < groups; ++group, words += kDigits)
      put_digits(weights.fixed.data() + i * groups * 4, static_cast<int>(group) * 4, weights.spans[i].count,
                 words);
}

void pack_down(Weights& weights) {
  const std::size_t groups = groups_down(weights);
  weights.packed.resize(weights.spans.size() * groups * kDigits);
  std::int32_t* words = weights.packed.data();
  for (std::size_t i = 0; i < weights.spans.size(); ++i)
    for (std::size_t group = 0; group < groups; ++group, words += kDigits)
      put_digits(weights.fixed.data() + i * static_cast<std::size_t>(weights.taps),
                 static_cast<int>(group) * 4 - weights.spans[i].first % 4, weights.spans[i].count, words);
}

struct Sums {
  __m512i a, b, c;
};

AMLTRAIN_AVX512 inline Sums no_sums() {
  return {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_set1_epi32(kHalf)};
}

AMLTRAIN_AVX512 inline void add(Sums& sums, __m512i bytes, const std::int32_t* digits) {
  sums.a = _mm512_dpbusd_epi32(sums.a, bytes, _mm512_set1_epi32(digits[0]));
  sums.b = _mm512_dpbusd_epi32(sums.b, bytes, _mm512_set1_epi32(digits[1]));
  sums.c = _mm512_dpbusd_epi32(sums.c, bytes, _mm512_set1_epi32(digits[2]));
}

/// Sixteen results, each in the low byte of its word.
AMLTRAIN_AVX512 inline __m128i finish(const Sums& sums) {
  const __m512i high = _mm512_add_epi32(_mm512_slli_epi32(sums.a, 16), _mm512_slli_epi32(sums.b, 8));
  return _mm512_cvtepi32_epi8(_mm512_srli_epi32(_mm512_add_epi32(high, sums.c), kBits));
}

AMLTRAIN_AVX512 inline __m512i join(__m128i r0, __m128i r1, __m128i r2, __m128i r3) {
  const __m512i low = _mm512_inserti32x4(_mm512_castsi128_si512(r0), r1, 1);
  return _mm512_inserti32x4(_mm512_inserti32x4(low, r2, 2), r3, 3);
}

AMLTRAIN_AVX512 inline __m128i load(const std::uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

/// One column: a lane for each row, in it the channels; four taps at once. `kGroups` 0: as many as there are.
template <std::size_t kGroups>
AMLTRAIN_AVX512 void across_by(const std::uint8_t* const rows[4], int width, const Weights& weights,
                               bool mirrored, std::uint8_t* band) {
  const __m512i by_channel = _mm512_broadcast_i32x4(
      _mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, -1, -1, -1, -1));  // -1: zero
  const __m128i by_row = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, -1, -1, -1, -1);
  const std::size_t count = weights.spans.size(), groups = kGroups == 0 ? groups_across(weights) : kGroups;
  const int row_bytes = width * 3;
  for (std::size_t i = 0; i < count; ++i, band += 12) {
    const std::size_t from = mirrored ? count - 1 - i : i;
    const std::int32_t* digits = weights.packed.data() + from * groups * kDigits;
    int at = weights.spans[from].first * 3;
    Sums sums = no_sums();
    for (std::size_t group = 0; group < groups; ++group, at += 12, digits += kDigits) {
      __m512i pixels;
      if (at + 16 <= row_bytes) {
        pixels = join(load(rows[0] + at), load(rows[1] + at), load(rows[2] + at), load(rows[3] + at));
      } else {  // not past the row's end
        const int left = row_bytes - at;
        if (left <= 0) break;
        const auto mask = static_cast<__mmask16>((1U << left) - 1);
        pixels = join(_mm_maskz_loadu_epi8(mask, rows[0] + at), _mm_maskz_loadu_epi8(mask, rows[1] + at),
                      _mm_maskz_loadu_epi8(mask, rows[2] + at), _mm_maskz_loadu_epi8(mask, rows[3] + at));
      }
      add(sums, _mm512_shuffle_epi8(pixels, by_channel), digits);
    }
    // Four bytes too many: the next column's, or the band's margin.
    _mm_storeu_si128(reinterpret_cast<__m128i*>(band), _mm_shuffle_epi8(finish(sums), by_row));
  }
}

void across(const std::uint8_t* const rows[4], int width, const Weights& weights, bool mirrored,
            std::uint8_t* band) {
  switch (groups_across(weights)) {  // up to a reduction by 2, one is enough
    case 1:
      return across_by<1>(rows, width, weights, mirrored, band);
    case 2:
      return across_by<2>(rows, width, weights, mirrored, band);
    default:
      return across_by<0>(rows, width, weights, mirrored, band);
  }
}

template <std::size_t kGroups>
AMLTRAIN_AVX512 void down_by(const std::uint8_t* first, std::size_t stride, std::size_t bytes,
                             std::size_t group_count, const std::int32_t* digits, std::uint8_t* out) {
  const std::size_t groups = kGroups == 0 ? group_count : kGroups;
  for (std::size_t i = 0; i < bytes; i += 16) {
    Sums sums = no_sums();
    for (std::size_t group = 0; group < groups; ++group)
      add(sums, _mm512_loadu_si512(first + group * stride + i * 4), digits + group * kDigits);
    const __m128i result = finish(sums);
    if (i + 16 <= bytes)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), result);
    else
      _mm_mask_storeu_epi8(out + i, static_cast<__mmask16>((1U << (bytes - i)) - 1), result);
  }
}

void down(const std::uint8_t* bands, std::size_t columns, const Weights& weights, int index,
          std::uint8_t* out) {
  const Weights::Span span = weights.spans[static_cast<std::size_t>(index)];
  const std::int32_t* digits =
      weights.packed.data() + static_cast<std::size_t>(index) * groups_down(weights) * kDigits;
  const std::size_t stride = band_bytes(columns), bytes = columns * 3;
  const std::uint8_t* first = bands + static_cast<std::size_t>(span.first / 4) * stride;
  const auto groups = static_cast<std::size_t>(span.first % 4 + span.count + 3) / 4;
  switch (groups) {
    case 1:
      return down_by<1>(first, stride, bytes, groups, digits, out);
    case 2:
      return down_by<2>(first, stride, bytes, groups, digits, out);
    default:
      return down_by<0>(first, stride, bytes, groups, digits, out);
  }
}

}  // namespace

const Passes kAvx512{pack_across, pack_down, across, down};

}  // namespace amltrain::resample
