#include "engine/train/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace amltrain::engine {

void Calibration::add(double confidence, bool correct) {
  const double place = std::ceil(confidence * static_cast<double>(bin_count)) - 1;
  const double last = static_cast<double>(bin_count - 1);
  Bin& bin = bins_[static_cast<std::size_t>(place > 0 ? std::min(place, last) : 0)];  // 0 for NaN too
  ++bin.images;
  bin.correct += correct;
  bin.confidence_sum += confidence;
}

double Calibration::expected_error() const {
  std::int64_t images = 0;
  double sum = 0;
  for (const Bin& bin : bins_) {
    images += bin.images;
    sum += std::abs(static_cast<double>(bin.correct) - bin.confidence_sum);
  }
  return images == 0 ? 0 : sum / static_cast<double>(images);
}

}  // namespace amltrain::engine
