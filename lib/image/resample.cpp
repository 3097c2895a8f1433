#include "image/resample.hpp"

#ifdef __clang__
#define _Bool bool  // glibc's header below is written in C, whose word g++ knows
#endif
#include <sys/platform/x86.h>

#include <algorithm>
#include <cmath>

// Built with -ffp-contract=off: a fused multiply-add would round weights differently.

namespace amltrain::resample {
namespace {

constexpr int kHalf = 1 << (kBits - 1);  // rounds the sum

// The band of the plain passes: four rows one after the other, so that all rows lie evenly spaced.

void across_row(const std::uint8_t* in, const Weights& weights, bool mirrored, std::uint8_t* out) {
  const std::size_t count = weights.spans.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = mirrored ? count - 1 - i : i;
    const Weights::Span span = weights.spans[from];
    const std::int32_t* weight = weights.fixed.data() + from * static_cast<std::size_t>(weights.taps);
    int sum[3] = {kHalf, kHalf, kHalf};
    const std::uint8_t* pixel = in + static_cast<std::size_t>(span.first) * 3;
    for (int tap = 0; tap < span.count; ++tap, pixel += 3)
      for (int channel = 0; channel < 3; ++channel) sum[channel] += weight[tap] * pixel[channel];
    for (int channel = 0; channel < 3; ++channel) *out++ = static_cast<std::uint8_t>(sum[channel] >> kBits);
  }
}

void across(const std::uint8_t* const rows[4], int, const Weights& weights, bool mirrored,
            std::uint8_t* band) {
  const std::size_t stride = band_bytes(weights.spans.size()) / 4;
  for (std::size_t row = 0; row < 4; ++row) across_row(rows[row], weights, mirrored, band + row * stride);
}

void down(const std::uint8_t* bands, std::size_t columns, const Weights& weights, int index,
          std::uint8_t* out) {
  const std::size_t stride = band_bytes(columns) / 4;
  const Weights::Span span = weights.spans[static_cast<std::size_t>(index)];
  const std::int32_t* weight =
      weights.fixed.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(weights.taps);
  const std::uint8_t* first = bands + static_cast<std::size_t>(span.first) * stride;
  for (std::size_t i = 0; i < columns * 3; ++i) {
    int sum = kHalf;
    for (int tap = 0; tap < span.count; ++tap)
      sum += weight[tap] * first[static_cast<std::size_t>(tap) * stride + i];
    out[i] = static_cast<std::uint8_t>(sum >> kBits);
  }
}

}  // namespace

const Passes kPlain{[](Weights&) {}, [](Weights&) {}, across, down};

void make_weights(const Axis& axis, Weights& weights) {
  const double scale = axis.length / axis.out;
  const double support = std::max(scale, 1.0);  // the triangle reaches 1 to each side, before widening
  const double narrow = 1.0 / support;
  const auto center_of = [&](int x) { return axis.offset + (x + 0.5) * scale; };
  const auto count = static_cast<std::size_t>(axis.count);
  weights.spans.resize(count);
  weights.first = axis.in;
  weights.end = 0;
  int widest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double center = center_of(axis.from + static_cast<int>(i));
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int end = std::min(static_cast<int>(center + support + 0.5), axis.in);
    weights.spans[i] = {first, end - first};
    weights.first = std::min(weights.first, first);
    weights.end = std::max(weights.end, end);
    widest = std::max(widest, end - first);
  }
  weights.taps = (widest + 3) / 4 * 4;
  weights.fixed.assign(count * static_cast<std::size_t>(weights.taps), 0);
  std::int32_t* fixed = weights.fixed.data();
  for (std::size_t i = 0; i < count; ++i, fixed += weights.taps) {
    Weights::Span& span = weights.spans[i];
    const double center = center_of(axis.from + static_cast<int>(i));
    const auto value = [&](int tap) {
      const double distance = std::abs((tap + span.first - center + 0.5) * narrow);
      return distance < 1.0 ? 1.0 - distance : 0.0;
    };
    double total = 0;
    for (int tap = 0; tap < span.count; ++tap) total += value(tap);
    for (int tap = 0; tap < span.count; ++tap)
      fixed[tap] = static_cast<std::int32_t>(0.5 + value(tap) / total * (1 << kBits));
    span.first -= weights.first;
  }
}

// What the loader has found out. __builtin_cpu_supports asks the processor again at the start of every
// program that it is linked into, and on a virtual machine each question goes to the host.
bool have_avx2() { return CPU_FEATURE_ACTIVE(AVX2); }

bool have_avx512() {
  return CPU_FEATURE_ACTIVE(AVX512F) && CPU_FEATURE_ACTIVE(AVX512BW) && CPU_FEATURE_ACTIVE(AVX512VL) &&
         CPU_FEATURE_ACTIVE(AVX512_VNNI);
}

const Passes& best_passes() {
  static const Passes& best = have_avx512() ? kAvx512 : have_avx2() ? kAvx2 : kPlain;
  return best;
}

}  // namespace amltrain::resample
