#include "engine/train/inputs.hpp"

#include <unistd.h>

#include <algorithm>

#include "engine/train/words.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

constexpr int kValidationBatch =
    16;  // of any size the result is the same; more costs memory, less costs time

LoaderOptions loader_options(const TrainOptions& options, int batch_size) {
  return {.batch_size = batch_size,
          .threads = options.workers,
          .prefetch_batches = 2 + 8 / batch_size,  // small batches vary more in what they cost to decode
          .image_size = options.image_size,
          .resize_size = options.resize_size,
          .seed = options.seed,
          .skip_unreadable = options.skip_unreadable,
          .augment = options.augmentation != Augmentation::none,
          .draws = options.cache_features};
}

LoaderOptions train_options(const TrainOptions& options) {
  return loader_options(options, options.batch_size);
}
LoaderOptions val_options(const TrainOptions& options) {
  return loader_options(options, std::max(options.batch_size, kValidationBatch));
}

void require_memory(std::uint64_t bytes, const TrainOptions& options) {
  const auto memory =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  if (bytes <= memory / 2) return;
  throw Error(
      category::environment,
      words("--cache-features %d would keep %llu MiB of features; this machine has %llu MiB of memory",
            options.cache_features, static_cast<unsigned long long>(bytes >> 20),
            static_cast<unsigned long long>(memory >> 20)),
      "keep fewer, or none: --cache-features 0 --frozen-norm");
}

}  // namespace

Inputs::Inputs(const TrainOptions& options, const ImageFolder& folder, const Numerics& numerics,
               const ResNet& model)
    : folder_(folder),
      train_images_(folder, folder.train, View::train, train_options(options)),
      val_images_(folder, folder.val, View::validation, val_options(options)) {
  if (!options.frozen_norm && options.cache_features == 0) return;
  require_memory(kept_features(options, folder).bytes, options);
  backbone_.emplace(model, numerics.bf16 ? at::kBFloat16 : at::kFloat, options.image_size,
                    std::min(options.batch_size, FoldedNetwork::kGoodBatch));
  train_features_ =
      std::make_unique<FrozenFeatures>(train_images_, *backbone_, folder.train, View::train,
                                       train_options(options), kept_features(options, folder).draws);
  val_features_ = std::make_unique<FrozenFeatures>(val_images_, *backbone_, folder.val, View::validation,
                                                   val_options(options), std::min(options.cache_features, 1));
}

KeptFeatures kept_features(const TrainOptions& options, const ImageFolder& folder) {
  if (options.cache_features == 0) return {};
  KeptFeatures kept;
  kept.draws = options.cache_features < options.epochs ? options.cache_features : 0;
  const auto images =
      folder.train.samples.size() * static_cast<std::uint64_t>(kept.draws) + folder.val.samples.size();
  kept.bytes = images * static_cast<std::uint64_t>(find_resnet_spec(options.arch).features()) * sizeof(float);
  return kept;
}

std::vector<UnreadableFile> Inputs::skipped(const std::vector<UnreadableFile>& known) const {
  std::vector<UnreadableFile> files = known;
  for (const Loader* loader : {&train_images_, &val_images_})
    for (UnreadableFile& file : loader->skipped())
      if (std::ranges::find(files, file.path, &UnreadableFile::path) == files.end())
        files.push_back(std::move(file));
  return files;
}

std::vector<std::string> Inputs::files_of(const std::vector<std::uint32_t>& samples) const {
  std::vector<std::string> files;
  for (const std::uint32_t sample : samples) files.push_back(folder_.train.samples.at(sample).path);
  return files;
}

}  // namespace amltrain::engine
