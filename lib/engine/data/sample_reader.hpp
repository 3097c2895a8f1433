// One sample of a split as the network sees it: read, decoded, augmented, normalised.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/data/image_cache.hpp"
#include "engine/data/loader.hpp"
#include "image/reader.hpp"
#include "image/resampler.hpp"

namespace amltrain::engine {

/// What a thread needs to read one sample after the other. Its memory is used again: once it has grown to
/// what the samples need, nothing is allocated for one that is a JPEG or kept. Readers share the cache; what
/// they give doesn't depend on it.
class SampleReader {
 public:
  /// All must outlive the reader.
  SampleReader(const ImageFolder& folder, const Split& split, View view, const LoaderOptions& options,
               ImageCache& cache);

  /// image_size x image_size x 3 floats. Throws Error naming the file that can't be read.
  void read(std::uint32_t sample, int epoch, std::span<float> out);

 private:
  void read_train(std::uint32_t sample, int epoch, std::span<float> out);
  void read_validation(std::uint32_t sample, std::span<float> out);
  const Image* find_or_open(std::uint32_t sample);
  bool open(std::uint32_t sample);
  void make_view(Image& view);
  void resample(const Resampling& wanted, const Image* image);
  void trim();

  const Split& split_;
  const View view_;
  const LoaderOptions& options_;
  ImageCache& cache_;
  const std::string folder_;  // with a '/' at its end
  std::string path_, file_;
  ImageReader reader_;
  Resampler resampler_;
  Image central_;                  // view of a validation image that isn't kept
  std::vector<std::uint8_t> row_;  // of a training image
};

}  // namespace amltrain::engine
