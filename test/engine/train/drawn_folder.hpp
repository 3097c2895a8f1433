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
/// The same on root/data, with output in root/NAME/out and each of its steps in root/NAME/metrics.jsonl.
engine::TrainOptions logged_options(const std::filesystem::path& root, const std::string& name);

/// The metrics of a training that must be the same when it is done again: all but times and rates.
std::string metrics_of(const engine::TrainOptions& options);

}  // namespace amltrain::test
