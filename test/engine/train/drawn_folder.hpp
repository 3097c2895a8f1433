// A data set of a few small JPEGs that a network can tell apart.
#pragma once

#include <filesystem>

#include "engine/api.hpp"

namespace amltrain::test {

/// root/{train,val}/{dark,light}/N.jpg, 40 x 48 pixels with noise of their own; `train_images` and
/// `val_images` of each class.
void draw_folder(const std::filesystem::path& root, int train_images, int val_images);

/// Options for a training of a second or two on such a folder.
engine::TrainOptions quick_options(const std::filesystem::path& data, const std::filesystem::path& output);

}  // namespace amltrain::test
