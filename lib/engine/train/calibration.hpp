// Are the probabilities true? Guo et al. 2017, "On Calibration of Modern Neural Networks" (arXiv:1706.04599),
// section 2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace amltrain::engine {

class Calibration {
 public:
  static constexpr std::size_t bin_count = 15;

  /// Of the images whose largest probability lies in (index / 15, (index + 1) / 15].
  struct Bin {
    std::int64_t images = 0, correct = 0;
    double confidence_sum = 0;
  };

  Calibration() = default;
  explicit Calibration(const std::array<Bin, bin_count>& bins) : bins_(bins) {}

  /// An image whose predicted class has the probability `confidence`, and is right or not.
  void add(double confidence, bool correct);
  /// Sum over the bins of (share of the images) x |accuracy - mean confidence|; 0 without images.
  double expected_error() const;
  const std::array<Bin, bin_count>& bins() const { return bins_; }

 private:
  std::array<Bin, bin_count> bins_{};
};

}  // namespace amltrain::engine
