// How the trainer's options become a loader's, and a network to train.
#pragma once

#include "engine/data/loader.hpp"
#include "engine/train/numerics.hpp"
#include "rates.hpp"

namespace amltrain::bench {

inline engine::LoaderOptions loader_options(const engine::TrainOptions& options) {
  return {.batch_size = options.batch_size,
          .threads = options.workers,
          .prefetch_batches = 2 + 8 / options.batch_size,
          .image_size = options.image_size,
          .resize_size = options.resize_size,
          .seed = options.seed};
}

}  // namespace amltrain::bench
