#include "image/resample.hpp"

#include <algorithm>
#include <cmath>

// Built with -ffp-contract=off: a fused multiply-add would round weights differently.

namespace amltrain::resample {
namespace {

constexpr int kHalf = 1 << (kBits - 1);  // rounds the sum

void horizontal(const std::uint8_t* in, int, const Weights& weights, std::uint8_t* out) {
  const std::int32_t* weight = weights.fixed.data();
  for (const Weights::Span& span : weights.spans) {
    int sum[3] = {kHalf, kHalf, kHalf};
    const std::uint8_t* pixel = in + static_cast<std::size_t>(span.first) * 3;
    for (int tap = 0; tap < span.count; ++tap, pixel += 3)
      for (int channel = 0; channel < 3; ++channel) sum[channel] += weight[tap] * pixel[channel];
    for (int channel = 0; channel < 3; ++channel) *out++ = static_cast<std::uint8_t>(sum[channel] >> kBits);
    weight += weights.taps;
  }
}

void vertical(const std::uint8_t* in, std::size_t bytes, const Weights& weights, int index,
              std::uint8_t* out) {
  const Weights::Span span = weights.spans[static_cast<std::size_t>(index)];
  const std::int32_t* weight = weights.fixed.data() + static_cast<std::size_t>(index) * weights.taps;
  const std::uint8_t* first = in + static_cast<std::size_t>(span.first) * bytes;
  for (std::size_t i = 0; i < bytes; ++i) {
    int sum = kHalf;
    for (int tap = 0; tap < span.count; ++tap)
      sum += weight[tap] * first[static_cast<std::size_t>(tap) * bytes + i];
    out[i] = static_cast<std::uint8_t>(sum >> kBits);
  }
}

}  // namespace

const Passes kPlain{horizontal, vertical};

Weights weights(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double support = std::max(scale, 1.0);  // the triangle reaches 1 to each side, before widening
  const double narrow = 1.0 / support;
  const int widest = static_cast<int>(std::ceil(support)) * 2 + 1;
  Weights result;
  result.taps = (widest + 3) / 4 * 4;
  const std::size_t size = static_cast<std::size_t>(out) * static_cast<std::size_t>(result.taps);
  result.fixed.resize(size);
  result.spans.reserve(static_cast<std::size_t>(out));
  std::vector<double> exact(static_cast<std::size_t>(widest));
  std::int32_t* fixed = result.fixed.data();
  for (int x = 0; x < out; ++x, fixed += result.taps) {
    const double center = (x + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int count = std::min(static_cast<int>(center + support + 0.5), in) - first;
    double total = 0;
    for (int tap = 0; tap < count; ++tap) {
      const double distance = std::abs((tap + first - center + 0.5) * narrow);
      exact[static_cast<std::size_t>(tap)] = distance < 1.0 ? 1.0 - distance : 0.0;
      total += exact[static_cast<std::size_t>(tap)];
    }
    for (int tap = 0; tap < count; ++tap)
      fixed[tap] =
          static_cast<std::int32_t>(0.5 + exact[static_cast<std::size_t>(tap)] / total * (1 << kBits));
    result.spans.push_back({first, count});
  }
  result.high.resize(size);
  result.low.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    result.high[i] = static_cast<std::int16_t>(result.fixed[i] >> 11);
    result.low[i] = static_cast<std::int16_t>(result.fixed[i] & 2047);
  }
  return result;
}

const Passes& best_passes() {
  static const bool avx2 = __builtin_cpu_supports("avx2") != 0;
  return avx2 ? kAvx2 : kPlain;
}

}  // namespace amltrain::resample
