// The tutorial's running_loss and running_corrects.
#pragma once

#include <cstdint>

#include "engine/train/step.hpp"

namespace amltrain::engine {

struct Running {
  double loss = 0;  // sum over the images
  std::int64_t correct = 0, images = 0;

  void add(const BatchResult& batch, int count) {
    loss += batch.loss * count;
    correct += batch.correct;
    images += count;
  }
  double mean_loss() const { return loss / static_cast<double>(images); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(images); }
};

}  // namespace amltrain::engine
