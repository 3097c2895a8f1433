// Pixels on their way from a file to what is made of them, some rows at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace amltrain {

/// Takes the rows of a region from the top down.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// `count` rows of RGB pixels, `stride` bytes apart; a multiple of four but in the last call. The memory is
  /// the caller's again after it. Must not throw.
  virtual void take(const std::uint8_t* first, std::size_t stride, int count) = 0;
};

}  // namespace amltrain
