// An image file opened once: its header first, then the pixels of a region, row by row.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "image/image.hpp"
#include "image/rows.hpp"

namespace amltrain {

/// One object reads one file after the other in the same memory; pixels and faults are those of decode() and
/// decode_region().
class ImageReader {
 public:
  ImageReader();
  ~ImageReader();
  ImageReader(ImageReader&&) noexcept;
  ImageReader& operator=(ImageReader&&) noexcept;

  /// Reads the header. `bytes` must stay until the pixels are read.
  void open(std::span<const std::byte> bytes, std::string_view origin, const DecodeLimits& limits = {});
  /// Of the pixels that read() gives: smaller after reduce().
  ImageSize size() const;
  /// Has a JPEG decoded at 1/2, 1/4 or 1/8 of its size, rounded up to whole pixels, by a smaller inverse DCT:
  /// other pixels than decoding and averaging give. Other formats stay as they are. Returns the denominator
  /// in effect.
  int reduce(int denominator);
  /// Gives the rows of `box` to `sink`; once after each open(). A JPEG is decoded as the sink takes it, never
  /// whole, unless it is progressive.
  void read(const Box& box, RowSink& sink);
  /// The whole picture; instead of the other read().
  Image read();

  /// Frees what more than `bytes` of memory were kept for.
  void trim(std::size_t bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace amltrain
