// The tutorial's transforms as pure functions: what is drawn depends on (seed, epoch, index) alone, never on
// a thread, a worker or what was drawn before. No torch.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "image/image.hpp"
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

struct CropAndFlip {
  Box box;
  bool flip = false;
};

/// torchvision's RandomResizedCrop(scale 0.08 to 1, ratio 3/4 to 4/3, ten tries, then the central crop) and
/// RandomHorizontalFlip(0.5).
CropAndFlip draw_crop(ImageSize size, std::uint64_t seed, int epoch, std::uint32_t index);

/// Resize(resize) and CenterCrop(crop) of torchvision; what CenterCrop has to add around a small image is
/// black.
Image validation_view(const Image& image, int resize, int crop);

/// ImageNet's mean and standard deviation, per channel, of values in 0..1.
inline constexpr float kMean[3] = {0.485f, 0.456f, 0.406f};
inline constexpr float kStd[3] = {0.229f, 0.224f, 0.225f};

/// ToTensor + Normalize(kMean, kStd), mirrored when `flip`: 3 x height x width floats, planar.
void normalise(const Image& image, bool flip, std::span<float> out);

}  // namespace amltrain::engine
