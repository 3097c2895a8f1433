// The two passes of resampling: weights once a size, then rows of bytes. Internal to lib/image; the tests see
// it to compare the SIMD passes with the plain ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace amltrain::resample {

/// Fixed point: a weight of 1 is 1 << kBits. As Pillow: 32 - 8 - 2.
inline constexpr int kBits = 22;

/// One direction: `in` positions, of which `length` from `offset` on (both may be fractions) become `out`; of
/// these `count` from `from` on are wanted.
struct Axis {
  int in = 0;
  double offset = 0, length = 0;
  int out = 0, from = 0, count = 0;
};
/// All of `in` to all of `out`.
inline Axis whole_axis(int in, int out) { return {in, 0, static_cast<double>(in), out, 0, out}; }

/// For each wanted position the input positions that make it and their weights.
struct Weights {
  struct Span {
    int first, count;  // `first` counts from this->first
  };
  int first = 0, end = 0;            // the input positions that are needed
  std::vector<Span> spans;           // one a wanted position
  int taps = 0;                      // the largest count, rounded up to a multiple of 4
  std::vector<std::int32_t> fixed;   // spans.size() x taps; zero after a span's count
  std::vector<std::int32_t> packed;  // the same as the passes like it
};

/// Triangle filter, widened by the reduction so that it averages. What `weights` held is replaced; its memory
/// is kept.
void make_weights(const Axis& axis, Weights& weights);

/// A band is what the first pass makes of four rows: 12 bytes a wanted column, in an order that is the
/// passes' own. Bands lie band_bytes() apart, and kBandMargin bytes follow the last one.
inline constexpr std::size_t kBandMargin = 256;
inline std::size_t band_bytes(std::size_t columns) { return (columns * 12 + 63) / 64 * 64; }

struct Passes {
  void (*pack_across)(Weights& weights);
  void (*pack_down)(Weights& weights);
  /// Four rows of `width` RGB pixels; `mirrored`: the wanted columns in reverse.
  void (*across)(const std::uint8_t* const rows[4], int width, const Weights& weights, bool mirrored,
                 std::uint8_t* band);
  /// Output row number `index`, of `columns` RGB pixels.
  void (*down)(const std::uint8_t* bands, std::size_t columns, const Weights& weights, int index,
               std::uint8_t* out);
};
extern const Passes kPlain;
extern const Passes kAvx2;    // for processors that have AVX2
extern const Passes kAvx512;  // for those that have AVX-512 F, BW, VL and VNNI

bool have_avx2();
bool have_avx512();
/// The quickest that the processor has.
const Passes& best_passes();

}  // namespace amltrain::resample
