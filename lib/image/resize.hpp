// Antialiased bilinear resampling, equal to Pillow 12's Image.resize(size, BILINEAR, box) bit for bit.
// Source of the arithmetic: Pillow's documented convolution resampling (triangle filter, support scaled by the
// reduction, 22-bit fixed point coefficients, horizontal pass first).
#pragma once

#include "image/image.hpp"

namespace amltrain {

struct Box {
  int left = 0, top = 0, width = 0, height = 0;  // pixels, inside the image
};

/// The region `box` of `image` resampled to `size`.
Image resize(const Image& image, const Box& box, ImageSize size);

/// The whole image so that its shorter side is `shorter` pixels, as torchvision.transforms.Resize(shorter).
Image resize_shorter_side(const Image& image, int shorter);

}  // namespace amltrain
