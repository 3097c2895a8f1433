// The tutorial's transforms as pure functions: what is drawn depends on (seed, epoch, index) alone, never on
// a thread, a worker or what was drawn before. No torch.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/data/normalise.hpp"
#include "image/image.hpp"
#include "image/resampler.hpp"
#include "image/resize.hpp"

namespace amltrain::engine {

/// Random numbers by Philox4x32-10 (philox.hpp), keyed by seed, counted by the rest.
class Draw {
 public:
  /// `purpose` separates streams: 0 shuffling, 1 crop, 2 flip, 3 mixing (mixing.hpp).
  Draw(std::uint64_t seed, std::uint32_t epoch, std::uint32_t index, std::uint32_t purpose);
  std::uint32_t bits();
  double uniform();  // [0, 1)
  double uniform(double low, double high);
  int below(int limit);  // 0 .. limit-1, unbiased

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;  // block, index, epoch, purpose
  std::array<std::uint32_t, 4> block_{};
  std::size_t used_ = 4;  // words of block_
};

/// The order in which epoch `epoch` visits `count` samples: a Fisher-Yates shuffle.
std::vector<std::uint32_t> epoch_order(std::uint64_t seed, int epoch, std::uint32_t count);
/// The same into existing memory.
void epoch_order(std::uint64_t seed, int epoch, std::span<std::uint32_t> order);

struct CropAndFlip {
  Box box;
  bool flip = false;
};

/// torchvision's RandomResizedCrop(scale 0.08 to 1, ratio 3/4 to 4/3, ten tries, then the central crop) and
/// RandomHorizontalFlip(0.5).
CropAndFlip draw_crop(ImageSize size, std::uint64_t seed, int epoch, std::uint32_t index);

/// What is to be read of a box for the crop, resized to `side` x `side` pixels.
Resampling train_view(const CropAndFlip& drawn, int side);

/// Resize(resize) and CenterCrop(crop) of torchvision; what CenterCrop has to add around a small image is
/// black.
struct CentralView {
  Resampling part;        // of the whole image
  int left = 0, top = 0;  // where that lies in the view of crop x crop pixels
};
CentralView central_view(ImageSize size, int resize, int crop);
Image validation_view(const Image& image, int resize, int crop);

/// By how much a JPEG may be reduced while it is decoded so that `box` of it is still no smaller than
/// `side` x `side`: 1, 2, 4 or 8.
int reduction_for(const Box& box, int side);
/// The view of an image of `size`, of which the drawn box is that part of the full one.
Resampling reduced(const Resampling& wanted, int reduction, ImageSize size);

}  // namespace amltrain::engine
