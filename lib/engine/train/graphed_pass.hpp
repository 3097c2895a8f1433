// Forward, loss and backward of a training step as a CUDA graph: one launch in place of hundreds, which is
// what small batches on a fast GPU wait for. The optimiser stays outside: its few launches change with the
// rate.
#pragma once

#include <functional>
#include <memory>

#include "engine/device/cuda.hpp"
#include "engine/train/loss.hpp"
#include "engine/train/optimiser.hpp"
#include "engine/train/outcome.hpp"

namespace amltrain::engine {

class GraphedPass {
 public:
  /// Adds the gradients of images and labels to those of the parameters, and its result to the outcome.
  using Learn = std::function<void(const at::Tensor& images, const Target& target, Outcome& outcome)>;

  /// `optimiser` holds the gradients and must outlive it.
  explicit GraphedPass(Optimiser& optimiser) : optimiser_(optimiser) {}

  /// What `learn` does, from the recording: true when it was done, gradients and outcome are there. False
  /// when it is to be done plainly: the first batches of a shape, which cuDNN needs to choose its kernels,
  /// are, and batches of another shape than the first. There may be no gradients when it is called.
  bool run(const at::Tensor& images, const Target& target, const Learn& learn, Outcome& outcome);

  int runs() const { return runs_; }

 private:
  void record(const at::Tensor& images, const at::Tensor& labels, const Learn& learn);

  Optimiser& optimiser_;
  std::vector<std::int64_t> sizes_;  // of images
  int seen_ = 0, runs_ = 0;
  at::Tensor images_, labels_;         // what it was recorded with, filled anew for each run
  Outcome outcome_;                    // where it leaves its results
  std::vector<at::Tensor> gradients_;  // likewise, one a parameter
  std::unique_ptr<RecordedWork> work_;
};

}  // namespace amltrain::engine
