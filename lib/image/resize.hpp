// Antialiased bilinear resampling, equal to Pillow 12's Image.crop(box).resize(size, BILINEAR) bit for bit:
// the filter doesn't reach outside the box, as in torchvision's resized_crop (Pillow's resize(box=) does
// reach). Source of the arithmetic: Pillow's documented convolution resampling (triangle filter, support
// scaled by the reduction, 22-bit fixed point coefficients, horizontal pass first).
#pragma once

#include "image/image.hpp"

namespace amltrain {

/// The region `box` of `image` resampled to `size`.
Image resize(const Image& image, const Box& box, ImageSize size);

/// The size after torchvision.transforms.Resize(shorter): the longer side is cut off to whole pixels.
ImageSize size_of_shorter_side(ImageSize size, int shorter);

/// The whole image so that its shorter side is `shorter` pixels, as torchvision.transforms.Resize(shorter).
Image resize_shorter_side(const Image& image, int shorter);

}  // namespace amltrain
