// What a model says of the images of a loader, and what it gets right.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/data/loader.hpp"
#include "engine/nn/resnet.hpp"
#include "engine/parallel/ranks.hpp"
#include "engine/train/calibration.hpp"

namespace amltrain::engine {

/// counts[truth * classes + predicted]: images.
struct ConfusionMatrix {
  explicit ConfusionMatrix(std::int64_t class_count)
      : classes(class_count), counts(static_cast<std::size_t>(class_count * class_count)) {}

  void add(std::int64_t truth, std::int64_t predicted) { ++at(truth, predicted); }
  std::int64_t& at(std::int64_t truth, std::int64_t predicted) {
    return counts[static_cast<std::size_t>(truth * classes + predicted)];
  }
  std::int64_t at(std::int64_t truth, std::int64_t predicted) const {
    return counts[static_cast<std::size_t>(truth * classes + predicted)];
  }

  std::int64_t classes;
  std::vector<std::int64_t> counts;
};

struct Evaluation {
  explicit Evaluation(std::int64_t classes) : confusion(classes) {}

  double loss = 0;      // mean over the images
  double accuracy = 0;  // top-1, 0..1
  std::int64_t images = 0, correct = 0;
  ConfusionMatrix confusion;
  Calibration calibration;
};

/// One pass over `images`, without gradients, through the model as it is now in evaluation mode (folded.hpp,
/// which also says what `compute` is);
/// batches of features go through fc alone.
/// `visit` gets each batch with its logits, float N x classes on the model's device; with `tta_flip` the mean
/// of those of the image and of its mirror image, for batches of images.
void for_each_output(const ResNet& model, Batches& images, at::ScalarType compute,
                     const std::function<void(const Batch&, const at::Tensor& logits)>& visit,
                     bool tta_flip = false);

/// The outputs of for_each_output() against the labels. `between` is called after each batch with its number
/// of images. Throws Error{bad_input} when no image could be read, Error{run_failed} when the loss is not
/// finite. With `ranks`, each of which has batches of its own, all return the result over the images of all.
Evaluation evaluate(const ResNet& model, Batches& images, at::ScalarType compute,
                    const std::function<void(int)>& between, bool tta_flip = false, Ranks* ranks = nullptr);

}  // namespace amltrain::engine
