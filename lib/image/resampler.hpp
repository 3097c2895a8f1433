// Resampling of rows as they come, so that neither the whole picture nor its region need be in memory.
#pragma once

#include <cstdint>
#include <vector>

#include "image/image.hpp"
#include "image/resample.hpp"
#include "image/rows.hpp"

namespace amltrain {

/// What is to be made of an image.
struct Resampling {
  Box box;                // whose edges the filter doesn't reach across
  ImageSize size;         // of the whole box after it
  Box window;             // the part of that which is wanted
  bool mirrored = false;  // left to right
  /// Where exactly the box begins in its first pixel, and what it is wide and high, when it has fractions of
  /// pixels at its edges; 0 lengths: all of it.
  double left = 0, top = 0, width = 0, height = 0;
};

/// The arithmetic is that of resize(); one object does one resampling after the other in the same memory.
class Resampler final : public RowSink {
 public:
  explicit Resampler(const resample::Passes& passes = resample::best_passes()) : passes_(&passes) {}

  /// Returns the pixels of the image that take() has to be given. Throws Error{internal} for sizes below one
  /// pixel.
  Box start(const Resampling& wanted);
  void take(const std::uint8_t* first, std::size_t stride, int count) override;
  /// Row `y` of the window, of the window's width; after the last take().
  void row(int y, std::uint8_t* rgb) const;

  /// Frees what more than `bytes` of memory were kept for.
  void trim(std::size_t bytes);

 private:
  const resample::Passes* passes_;
  resample::Weights across_, down_;
  std::vector<std::uint8_t> bands_;
  Box source_;
  bool mirrored_ = false;
  int taken_ = 0;  // rows
};

/// Whether Pillow resamples the columns of `box` first, which these rows of bands can't: a very tall picture
/// made lower. Rounding to bytes between the passes makes their order matter.
bool columns_come_first(const Box& box, ImageSize size);

}  // namespace amltrain
