// A small two-class data set that the tool draws itself: photo-like JPEGs of beetles and butterflies, for a
// first run without a network. Colour, background, light, pose and size are drawn alike for both classes;
// shape tells them apart.
#pragma once

#include <cstdint>
#include <filesystem>

#include "image/folder.hpp"

namespace amltrain {

struct SampleOptions {
  int train_per_class = 150, val_per_class = 60;
  std::uint64_t seed = 7;
};

/// Draws `folder`/{train,val}/{beetles,butterflies}/*.jpg, sides of 240 to 500 pixels, and returns it
/// scanned. The same options give the same bytes on every x86-64 machine with the same libjpeg-turbo. The
/// folder appears when all of it is there. Throws Error{conflict} when `folder` exists and isn't empty,
/// Error{bad_input} for a count below 1.
ImageFolder draw_sample(const std::filesystem::path& folder, const SampleOptions& options);

}  // namespace amltrain
