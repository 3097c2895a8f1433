// How a training loads its two splits.
#pragma once

#include "engine/api.hpp"
#include "engine/data/loader.hpp"
#include "engine/train/numerics.hpp"
#include "image/folder.hpp"

namespace amltrain::engine {

/// Of all ranks together: options.grad_accum of each rank that the training was begun with, however many
/// there are now.
int batches_per_step(const TrainOptions& options);
BatchShare training_share(const TrainOptions& options);

/// options.cache_memory is for the views of all validation images first, which are decoded once a training
/// then; what is left is for training images. Images that no epoch sees again, since there is one or features
/// are kept (options.cache_features), are not kept.
LoaderOptions train_loading(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder);
LoaderOptions val_loading(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder);

}  // namespace amltrain::engine
