#include "engine/train/inputs.hpp"

#include <algorithm>

#include "engine/train/loading.hpp"

namespace amltrain::engine {
Inputs::Inputs(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder)
    : train(folder, folder.train, View::train, train_loading(options, numerics, folder)),
      val(folder, folder.val, View::validation, val_loading(options, numerics, folder)),
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
