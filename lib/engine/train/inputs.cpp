#include "engine/train/inputs.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

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

std::vector<std::uint32_t> Inputs::order_of(int epoch) const {
  std::vector<std::uint32_t> order(folder_.train.samples.size());
  visiting_order(View::train, options_.seed, epoch, order);
  return order;
}

void Inputs::share_skipped(Ranks& ranks) {
  if (ranks.size() == 1 || !options_.skip_unreadable) return;
  std::set<std::string> own;
  for (const Loader* loader : {&train_images_, &val_images_})
    for (const UnreadableFile& file : loader->skipped()) own.insert(file.path);
  std::vector<const Sample*> samples;
  for (const Split* split : {&folder_.train, &folder_.val})
    for (const Sample& sample : split->samples) samples.push_back(&sample);
  std::vector<std::byte> flags(samples.size()), all(samples.size() * static_cast<std::size_t>(ranks.size()));
  for (std::size_t i = 0; i < samples.size(); ++i)
    flags[i] = own.contains(samples[i]->path) ? std::byte{1} : std::byte{0};
  ranks.gather(flags, all);
  of_others_.clear();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto rank = static_cast<int>(i / samples.size());
    if (all[i] != std::byte{0} && rank != ranks.rank())
      of_others_.push_back({samples[i % samples.size()]->path, words("rank %d can't read it", rank)});
  }
}

std::vector<UnreadableFile> Inputs::skipped(const std::vector<UnreadableFile>& known) const {
  std::vector<UnreadableFile> files = known;
  const auto add = [&](const std::vector<UnreadableFile>& more) {
    for (const UnreadableFile& file : more)
      if (std::ranges::find(files, file.path, &UnreadableFile::path) == files.end()) files.push_back(file);
  };
  add(train_images_.skipped());
  add(val_images_.skipped());
  add(of_others_);
  return files;
}

std::vector<std::string> Inputs::files_of(const std::vector<std::uint32_t>& samples) const {
  std::vector<std::string> files;
  for (const std::uint32_t sample : samples) files.push_back(folder_.train.samples.at(sample).path);
  return files;
}

}  // namespace amltrain::engine
