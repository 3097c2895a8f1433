#include "engine/use/predict.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/torch.hpp"
#include "engine/train/evaluate.hpp"
#include "engine/use/model.hpp"
#include "support/error.hpp"

namespace amltrain::engine {
namespace {

/// The files as a split that the loader reads in order; its labels have no meaning.
ImageFolder files_of(const std::vector<std::filesystem::path>& inputs) {
  ImageFolder files;  // with an empty root: the paths are as given
  for (const std::filesystem::path& input : inputs) {
    if (!std::filesystem::is_directory(input)) {
      files.val.samples.push_back({input.string(), 0});
      continue;
    }
    const std::vector<std::filesystem::path> images = list_images(input);
    if (images.empty())
      throw Error(category::bad_input, "no image in the folder " + input.string(),
                  "it may have .jpg, .jpeg, .png and .webp files, also in folders below");
    for (const std::filesystem::path& image : images) files.val.samples.push_back({image.string(), 0});
  }
  return files;
}

std::vector<ClassProbability> most_probable(const float* probabilities,
                                            const std::vector<std::string>& labels, int top) {
  std::vector<std::size_t> order(labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  order.resize(std::min(order.size(), static_cast<std::size_t>(top)));
  std::vector<ClassProbability> chosen;
  for (const std::size_t index : order) chosen.push_back({labels[index], probabilities[index]});
  return chosen;
}

/// Puts the files that the loader skipped back to their places.
class InOrder {
 public:
  InOrder(const Split& split, const Loader& loader, const std::function<void(const Prediction&)>& each)
      : split_(split), loader_(loader), each_(each) {}

  /// Reports what was skipped before number `sample`.
  void skip_to(std::size_t sample) {
    if (next_ == sample) return;
    const std::vector<UnreadableFile> skipped = loader_.skipped();
    for (; next_ < sample; ++next_) {
      const std::string& path = split_.samples[next_].path;
      const auto found = std::find_if(skipped.begin(), skipped.end(),
                                      [&](const UnreadableFile& file) { return file.path == path; });
      each_({path, found->problem, {}});
    }
  }
  void add(std::size_t sample, std::vector<ClassProbability> top) {
    skip_to(sample);
    if (!std::isfinite(top.front().probability))
      throw Error(category::run_failed,
                  "the model's output for " + split_.samples[sample].path + " is not a number",
                  "its weights have diverged in training");
    each_({split_.samples[sample].path, "", std::move(top)});
    next_ = sample + 1;
  }

 private:
  const Split& split_;
  const Loader& loader_;
  const std::function<void(const Prediction&)>& each_;
  std::size_t next_ = 0;
};

}  // namespace

void predict(const PredictOptions& options, const std::function<void(const Prediction&)>& each) {
  const ImageFolder files = files_of(options.inputs);
  FinishedModel model = load_model(options.use);
  LoaderOptions loading = model.loader_options(options.use);
  loading.skip_unreadable = true;
  Loader loader(files, files.val, View::validation, loading);
  InOrder results(files.val, loader, each);
  const auto report = [&](const Batch& batch, const at::Tensor& logits) {
    const at::Tensor probabilities = logits.softmax(1).cpu().contiguous();
    const float* row = probabilities.const_data_ptr<float>();
    for (int i = 0; i < batch.count; ++i, row += model.labels.size())
      results.add(batch.samples[static_cast<std::size_t>(i)], most_probable(row, model.labels, options.top));
  };
  for_each_output(model.network, loader, model.numerics.compute(), report, options.use.tta_flip);
  results.skip_to(files.val.samples.size());
}

}  // namespace amltrain::engine
