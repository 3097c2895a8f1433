#include "engine/data/normalise.hpp"

#include <immintrin.h>

#include <array>
#include <string>

#include "support/error.hpp"

#define AMLTRAIN_AVX2 __attribute__((target("avx2,fma")))

namespace amltrain::engine {
namespace {

using Table = std::array<std::array<float, 256>, 3>;

/// A byte has 256 values: dividing once for each is exact, to torch's float operations.
constexpr Table make_table() {
  Table table{};
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t value = 0; value < 256; ++value)
      table[channel][value] = (static_cast<float>(value) / 255.0f - kMean[channel]) / kStd[channel];
  return table;
}
constexpr Table kTable = make_table();

void require_as_many(std::size_t bytes, std::size_t floats) {
  if (bytes != floats || bytes % 3 != 0)
    throw Error(category::internal,
                std::to_string(floats) + " floats for " + std::to_string(bytes) + " bytes of pixels");
}

/// x / y by its reciprocal, corrected by the rest of the division (Markstein 1990): the quotient rounded as a
/// division rounds it, for the few values that occur here (the test compares them all).
AMLTRAIN_AVX2 inline __m256 divide(__m256 x, __m256 y, __m256 reciprocal) {
  const __m256 quotient = _mm256_mul_ps(x, reciprocal);
  return _mm256_fmadd_ps(_mm256_fnmadd_ps(quotient, y, x), reciprocal, quotient);
}

/// Eight pixels at a time: in each of three vectors the channels lie otherwise. Returns the bytes done.
AMLTRAIN_AVX2 std::size_t normalise_avx2(std::span<const std::uint8_t> rgb, float* out) {
  __m256 mean[3], deviation[3], reciprocal[3];
  for (int part = 0; part < 3; ++part) {
    alignas(32) float means[8], deviations[8], reciprocals[8];
    for (int i = 0; i < 8; ++i) {
      const int channel = (part * 8 + i) % 3;
      means[i] = kMean[channel];
      deviations[i] = kStd[channel];
      reciprocals[i] = 1.0f / kStd[channel];
    }
    mean[part] = _mm256_load_ps(means);
    deviation[part] = _mm256_load_ps(deviations);
    reciprocal[part] = _mm256_load_ps(reciprocals);
  }
  const __m256 white = _mm256_set1_ps(255.0f), per_white = _mm256_set1_ps(1.0f / 255.0f);
  std::size_t i = 0;
  for (; i + 24 <= rgb.size(); i += 24)
    for (int part = 0; part < 3; ++part) {
      const std::size_t at = i + static_cast<std::size_t>(part) * 8;
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(rgb.data() + at));
      const __m256 unit = divide(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)), white, per_white);
      _mm256_storeu_ps(out + at, divide(_mm256_sub_ps(unit, mean[part]), deviation[part], reciprocal[part]));
    }
  return i;
}

void finish(std::span<const std::uint8_t> rgb, std::size_t done, float* out) {
  for (std::size_t i = done; i < rgb.size(); ++i) out[i] = kTable[i % 3][rgb[i]];
}

}  // namespace

void normalise(std::span<const std::uint8_t> rgb, std::span<float> out) {
  static const bool quick = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  require_as_many(rgb.size(), out.size());
  finish(rgb, quick ? normalise_avx2(rgb, out.data()) : 0, out.data());
}

void normalise_plain(std::span<const std::uint8_t> rgb, std::span<float> out) {
  require_as_many(rgb.size(), out.size());
  finish(rgb, 0, out.data());
}

}  // namespace amltrain::engine
