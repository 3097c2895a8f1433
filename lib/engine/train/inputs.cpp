#include "engine/train/inputs.hpp"

#include <algorithm>

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
          .skip_unreadable = options.skip_unreadable};
}

}  // namespace

Inputs::Inputs(const TrainOptions& options, const ImageFolder& folder)
    : train(folder, folder.train, View::train, loader_options(options, options.batch_size)),
      val(folder, folder.val, View::validation,
          loader_options(options, std::max(options.batch_size, kValidationBatch))),
      folder_(folder) {}

std::vector<UnreadableFile> Inputs::skipped(const std::vector<UnreadableFile>& known) const {
  std::vector<UnreadableFile> files = known;
  for (const Loader* loader : {&train, &val})
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
