#include "engine/data/augment.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>

#include "engine/data/philox.hpp"

namespace amltrain::engine {
namespace {

enum Purpose : std::uint32_t { shuffling, crop, flip };

}  // namespace

Draw::Draw(std::uint64_t seed, std::uint32_t epoch, std::uint32_t index, std::uint32_t purpose)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, index, epoch, purpose} {}

std::uint32_t Draw::bits() {
  if (used_ == block_.size()) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

double Draw::uniform() {
  const std::uint64_t high = bits() >> 5, low = bits() >> 6;  // 27 and 26 of the 53 bits of a double
  return static_cast<double>(high << 26 | low) * 0x1p-53;
}

double Draw::uniform(double low, double high) { return low + (high - low) * uniform(); }

int Draw::below(int limit) {
  // Lemire, "Fast random integer generation in an interval", 2019.
  const auto range = static_cast<std::uint32_t>(limit);
  std::uint64_t product = std::uint64_t{bits()} * range;
  for (const std::uint32_t biased = -range % range; static_cast<std::uint32_t>(product) < biased;)
    product = std::uint64_t{bits()} * range;
  return static_cast<int>(product >> 32);
}

void epoch_order(std::uint64_t seed, int epoch, std::span<std::uint32_t> order) {
  std::iota(order.begin(), order.end(), 0U);
  Draw draw(seed, static_cast<std::uint32_t>(epoch), 0, shuffling);
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[static_cast<std::size_t>(draw.below(static_cast<int>(left)))]);
}

std::vector<std::uint32_t> epoch_order(std::uint64_t seed, int epoch, std::uint32_t count) {
  std::vector<std::uint32_t> order(count);
  epoch_order(seed, epoch, order);
  return order;
}

CropAndFlip draw_crop(ImageSize size, std::uint64_t seed, int epoch, std::uint32_t index) {
  constexpr double kNarrowest = 3.0 / 4, kWidest = 4.0 / 3;
  const auto epoch_number = static_cast<std::uint32_t>(epoch);
  const bool flipped = Draw(seed, epoch_number, index, flip).uniform() < 0.5;
  Draw draw(seed, epoch_number, index, crop);
  const double area = static_cast<double>(size.height) * size.width;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double target_area = area * draw.uniform(0.08, 1.0);
    const double ratio = std::exp(draw.uniform(std::log(kNarrowest), std::log(kWidest)));
    const int width = static_cast<int>(std::nearbyint(std::sqrt(target_area * ratio)));
    const int height = static_cast<int>(std::nearbyint(std::sqrt(target_area / ratio)));
    if (width <= 0 || height <= 0 || width > size.width || height > size.height) continue;
    const int top = draw.below(size.height - height + 1), left = draw.below(size.width - width + 1);
    return {{left, top, width, height}, flipped};
  }
  Box box{0, 0, size.width, size.height};
  const double ratio = static_cast<double>(size.width) / size.height;
  if (ratio < kNarrowest) box.height = static_cast<int>(std::nearbyint(size.width / kNarrowest));
  if (ratio > kWidest) box.width = static_cast<int>(std::nearbyint(size.height * kWidest));
  box.left = (size.width - box.width) / 2;
  box.top = (size.height - box.height) / 2;
  return {box, flipped};
}

Resampling train_view(const CropAndFlip& drawn, int side) {
  return {drawn.box, {side, side}, {0, 0, side, side}, drawn.flip};
}

CentralView central_view(ImageSize size, int resize, int crop) {
  const ImageSize resized = size_of_shorter_side(size, resize);
  // torchvision adds half of what is missing before, and rounds half of what is too much as Python rounds: to
  // even.
  const auto start = [&](int length) {
    return length < crop ? -((crop - length) / 2) : static_cast<int>(std::nearbyint((length - crop) / 2.0));
  };
  const int top = start(resized.height), left = start(resized.width);
  const Box window{std::max(left, 0), std::max(top, 0), std::min(crop, resized.width),
                   std::min(crop, resized.height)};
  return {{{0, 0, size.width, size.height}, resized, window}, std::max(-left, 0), std::max(-top, 0)};
}

Image validation_view(const Image& image, int resize, int crop) {
  const auto [part, left, top] = central_view({image.height, image.width}, resize, crop);
  const Image resized = resize_shorter_side(image, resize);
  Image view{crop, crop,
             std::vector<std::uint8_t>(static_cast<std::size_t>(crop) * static_cast<std::size_t>(crop) * 3)};
  for (int y = 0; y < part.window.height; ++y) {
    const int from = ((part.window.top + y) * resized.width + part.window.left) * 3;
    const int to = ((top + y) * crop + left) * 3;
    std::memcpy(view.rgb.data() + to, resized.rgb.data() + from,
                static_cast<std::size_t>(part.window.width) * 3);
  }
  return view;
}

int reduction_for(const Box& box, int side) {
  int reduction = 8;
  while (reduction > 1 && std::min(box.width, box.height) < side * reduction) reduction /= 2;
  return reduction;
}

Resampling reduced(const Resampling& wanted, int reduction, ImageSize size) {
  Resampling smaller = wanted;
  const auto part = [&](int start, int length, int whole, double& offset, double& exact) {
    const double from = static_cast<double>(start) / reduction;
    exact = static_cast<double>(length) / reduction;
    const int first = static_cast<int>(from);
    offset = from - first;
    return std::pair(first, std::min(static_cast<int>(std::ceil(from + exact)), whole) - first);
  };
  const Box& box = wanted.box;
  std::tie(smaller.box.left, smaller.box.width) =
      part(box.left, box.width, size.width, smaller.left, smaller.width);
  std::tie(smaller.box.top, smaller.box.height) =
      part(box.top, box.height, size.height, smaller.top, smaller.height);
  return smaller;
}

}  // namespace amltrain::engine
