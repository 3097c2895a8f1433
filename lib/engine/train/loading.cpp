#include "engine/train/loading.hpp"

#include <algorithm>

namespace amltrain::engine {
namespace {

constexpr int kValidationBatch =
    16;  // of any size the result is the same; more costs memory, less costs time

std::uint64_t cache_bytes(const TrainOptions& options) {
  return options.epochs == 1 || options.cache_features == 1
             ? 0
             : static_cast<std::uint64_t>(options.cache_memory) << 20;
}

std::uint64_t val_cache_bytes(const TrainOptions& options, const ImageFolder& folder) {
  if (options.cache_features > 0) return 0;  // seen once
  const auto side = static_cast<std::uint64_t>(options.image_size);
  const auto ranks = static_cast<std::uint64_t>(options.ranks.world_size);
  const std::uint64_t own = (folder.val.samples.size() + ranks - 1) / ranks;
  return std::min(cache_bytes(options), own * side * side * 3);
}

LoaderOptions loading(const TrainOptions& options, const Numerics& numerics, int batch_size) {
  return {.batch_size = batch_size,
          .threads = options.workers,
          .prefetch_batches = 1 + 12 / batch_size,  // small batches vary more in what they cost to decode
          .image_size = options.image_size,
          .resize_size = options.resize_size,
          .seed = options.seed,
          .skip_unreadable = options.skip_unreadable,
          .augment = options.augmentation != Augmentation::none,
          .draws = options.cache_features,
          .give_way = numerics.device.is_cpu()};
}

}  // namespace

int batches_per_step(const TrainOptions& options) {
  const int ranks = options.ranks.begun_with > 0 ? options.ranks.begun_with : options.ranks.world_size;
  return options.grad_accum * ranks;
}

BatchShare training_share(const TrainOptions& options) {
  return {options.ranks.rank, options.ranks.world_size, batches_per_step(options)};
}

LoaderOptions train_loading(const TrainOptions& options, const Numerics& numerics,
                            const ImageFolder& folder) {
  LoaderOptions chosen = loading(options, numerics, options.batch_size);
  chosen.cache_bytes = cache_bytes(options) - val_cache_bytes(options, folder);
  chosen.scaled_decode = options.scaled_decode;
  chosen.share = training_share(options);
  return chosen;
}

LoaderOptions val_loading(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder) {
  LoaderOptions chosen = loading(options, numerics, std::max(options.batch_size, kValidationBatch));
  chosen.cache_bytes = val_cache_bytes(options, folder);
  chosen.share = {options.ranks.rank, options.ranks.world_size, options.ranks.world_size};
  return chosen;
}

}  // namespace amltrain::engine
