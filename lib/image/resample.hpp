// The two passes of resize(): weights once a size, then rows of bytes. Internal to lib/image; the tests see
// it to compare the SIMD passes with the plain ones.
#pragma once

#include <cstdint>
#include <vector>

namespace amltrain::resample {

/// Fixed point: a weight of 1 is 1 << kBits. As Pillow: 32 - 8 - 2.
inline constexpr int kBits = 22;

/// For each output position the input positions that make it and their weights.
struct Weights {
  struct Span {
    int first, count;
  };
  std::vector<Span> spans;          // one an output position
  std::vector<std::int32_t> fixed;  // spans.size() x taps; zero after a span's count
  int taps = 0;                     // a multiple of 4
  /// The same as pairs of 16 bits, weight = high * 2048 + low: two 16-bit multiply-adds then give the 32-bit
  /// sum.
  std::vector<std::int16_t> high, low;
};

/// Triangle filter from `in` positions to `out`, widened by the reduction so that it averages.
Weights weights(int in, int out);

struct Passes {
  /// One row: `in` is `in_width` RGB pixels; `out` as many as there are spans.
  void (*horizontal)(const std::uint8_t* in, int in_width, const Weights& weights, std::uint8_t* out);
  /// One output row, number `index`, of `bytes` bytes from rows of `in` that lie `bytes` apart.
  void (*vertical)(const std::uint8_t* in, std::size_t bytes, const Weights& weights, int index,
                   std::uint8_t* out);
};
extern const Passes kPlain;
extern const Passes kAvx2;  // for processors that have AVX2

/// kAvx2 where the processor has it.
const Passes& best_passes();

}  // namespace amltrain::resample
