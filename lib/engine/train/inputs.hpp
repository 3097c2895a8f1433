// The images of a training: both splits with their loaders, and what could not be read of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/api.hpp"
#include "engine/data/loader.hpp"
#include "engine/parallel/ranks.hpp"
#include "engine/train/frozen_features.hpp"
#include "engine/train/numerics.hpp"

namespace amltrain::engine {

class Inputs {
 public:
  /// All must outlive it. Throws Error{environment} when the features to be kept take more than half of the
  /// machine's memory.
  Inputs(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder,
         const ResNet& model);

  /// Images; with options.frozen_norm, the features that the model's backbone makes of them.
  Batches& train() { return train_features_ ? static_cast<Batches&>(*train_features_) : train_images_; }
  Batches& val() { return val_features_ ? static_cast<Batches&>(*val_features_) : val_images_; }

  /// Of the training split, in an epoch: of all ranks together.
  int batches_of_all() const;
  /// Its samples, as the ranks together visit them.
  std::vector<std::uint32_t> order_of(int epoch) const;

  /// Tells the other ranks what this one skipped. At the end of an epoch; each rank calls it.
  void share_skipped(Ranks& ranks);
  /// `known` and what was skipped since, each file once.
  std::vector<UnreadableFile> skipped(const std::vector<UnreadableFile>& known) const;
  /// The paths of samples of the training split.
  std::vector<std::string> files_of(const std::vector<std::uint32_t>& samples) const;

 private:
  const TrainOptions& options_;
  const ImageFolder& folder_;
  Loader train_images_, val_images_;
  std::vector<UnreadableFile> of_others_;  // skipped by other ranks
  std::optional<FrozenBackbone> backbone_;
  std::unique_ptr<FrozenFeatures> train_features_, val_features_;
};

/// What of the features is kept in memory.
struct KeptFeatures {
  int draws = 0;  // of a training image; 0 also where no epoch would use one a second time
  std::uint64_t bytes = 0;
};
KeptFeatures kept_features(const TrainOptions& options, const ImageFolder& folder);

}  // namespace amltrain::engine
