// The images of a training: both splits with their loaders, and what could not be read of them.
#pragma once

#include <string>
#include <vector>

#include "engine/api.hpp"
#include "engine/data/loader.hpp"

namespace amltrain::engine {

class Inputs {
 public:
  /// `folder` must outlive it.
  Inputs(const TrainOptions& options, const ImageFolder& folder);

  Loader train, val;

  /// `known` and what was skipped since, each file once.
  std::vector<UnreadableFile> skipped(const std::vector<UnreadableFile>& known) const;
  /// The paths of samples of the training split.
  std::vector<std::string> files_of(const std::vector<std::uint32_t>& samples) const;

 private:
  const ImageFolder& folder_;
};

}  // namespace amltrain::engine
