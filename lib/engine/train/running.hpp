// The tutorial's running_loss and running_corrects.
#pragma once

#include <cstdint>

namespace amltrain::engine {

struct BatchResult {
  double loss = 0;           // mean over the batch
  std::int64_t correct = 0;  // images
  int images = 0;
};

struct Running {
  double loss = 0;  // sum over the images
  std::int64_t correct = 0, images = 0;

  void add(const BatchResult& batch) {
    loss += batch.loss * batch.images;
    correct += batch.correct;
    images += batch.images;
  }
  double mean_loss() const { return loss / static_cast<double>(images); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(images); }
};

}  // namespace amltrain::engine
