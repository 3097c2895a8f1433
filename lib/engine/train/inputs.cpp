#include "engine/train/inputs.hpp"

#include <unistd.h>

#include <algorithm>

#include "engine/train/loading.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

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

Inputs::Inputs(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder,
               const ResNet& model)
    : options_(options),
      folder_(folder),
      train_images_(folder, folder.train, View::train, train_loading(options, numerics, folder)),
      val_images_(folder, folder.val, View::validation, val_loading(options, numerics, folder)) {
  if (!options.frozen_norm && options.cache_features == 0) return;
  require_memory(kept_features(options, folder).bytes, options);
  backbone_.emplace(model, numerics.compute(), options.image_size,
                    std::min(options.batch_size, FoldedNetwork::kGoodBatch));
  train_features_ = std::make_unique<FrozenFeatures>(train_images_, *backbone_, folder.train, View::train,
                                                     train_loading(options, numerics, folder),
                                                     kept_features(options, folder).draws);
  val_features_ = std::make_unique<FrozenFeatures>(val_images_, *backbone_, folder.val, View::validation,
                                                   val_loading(options, numerics, folder),
                                                   std::min(options.cache_features, 1));
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

int Inputs::batches_of_all() const {
  const auto images = static_cast<int>(folder_.train.samples.size());
  return (images + options_.batch_size - 1) / options_.batch_size;
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
