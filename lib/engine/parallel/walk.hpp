#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace amltrain::engine {

/// Walks through pieces as though they were one array.
class Walk {
 public:
  explicit Walk(std::span<const std::span<float>> pieces) : pieces_(pieces) {}

  /// Calls `copy(values, offset)` for the next `most` values, or what is left; returns how many they were.
  template <typename Copy>
  std::size_t next(std::size_t most, Copy&& copy) {
    std::size_t done = 0;
    while (done < most && piece_ < pieces_.size()) {
      const std::span<float> rest = pieces_[piece_].subspan(at_);
      const std::span<float> part = rest.first(std::min(rest.size(), most - done));
      copy(part, done);
      done += part.size();
      at_ += part.size();
      if (part.size() == rest.size()) {
        ++piece_;
        at_ = 0;
      }
    }
    return done;
  }

 private:
  std::span<const std::span<float>> pieces_;
  std::size_t piece_ = 0, at_ = 0;
};

}  // namespace amltrain::engine
