#include "image/resampler.hpp"

#include <algorithm>
#include <string>

#include "support/error.hpp"

namespace amltrain {

Box Resampler::start(const Resampling& wanted) {
  const auto& [box, size, window, mirrored, left, top, width, height] = wanted;
  if (size.height <= 0 || size.width <= 0 || window.width <= 0 || window.height <= 0)
    throw Error(category::internal, "can't resize to " + std::to_string(std::min(size.width, window.width)) +
                                        " x " + std::to_string(std::min(size.height, window.height)));
  resample::make_weights(
      {box.width, left, width > 0 ? width : box.width, size.width, window.left, window.width}, across_);
  resample::make_weights(
      {box.height, top, height > 0 ? height : box.height, size.height, window.top, window.height}, down_);
  passes_->pack_across(across_);
  passes_->pack_down(down_);
  mirrored_ = mirrored;
  taken_ = 0;
  source_ = {box.left + across_.first, box.top + down_.first, across_.end - across_.first,
             down_.end - down_.first};
  const auto columns = static_cast<std::size_t>(window.width);
  const auto bands = static_cast<std::size_t>(source_.height + 3) / 4;
  bands_.resize(bands * resample::band_bytes(columns) + resample::kBandMargin);
  return source_;
}

void Resampler::take(const std::uint8_t* first, std::size_t stride, int count) {
  const std::size_t band = resample::band_bytes(across_.spans.size());
  for (int done = 0; done < count; done += 4) {
    const std::uint8_t* rows[4];  // of less than four the last one again: nothing weighs it
    for (int row = 0; row < 4; ++row)
      rows[row] = first + static_cast<std::size_t>(std::min(done + row, count - 1)) * stride;
    passes_->across(rows, source_.width, across_, mirrored_,
                    bands_.data() + static_cast<std::size_t>(taken_ + done) / 4 * band);
  }
  taken_ += count;
}

void Resampler::row(int y, std::uint8_t* rgb) const {
  passes_->down(bands_.data(), across_.spans.size(), down_, y, rgb);
}

void Resampler::trim(std::size_t bytes) {
  if (bands_.capacity() > bytes) bands_ = {};
}

bool columns_come_first(const Box& box, ImageSize size) {
  return box.height > 100LL * box.width && size.height < box.height;
}

}  // namespace amltrain
