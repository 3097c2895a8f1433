// One optimiser step: forward, loss and backward of one batch or several, then the update.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "engine/data/loader.hpp"
#include "engine/nn/resnet.hpp"
#include "engine/train/grad_scaler.hpp"
#include "engine/train/gradient_exchange.hpp"
#include "engine/train/graphed_pass.hpp"
#include "engine/train/loss.hpp"
#include "engine/train/optimiser.hpp"
#include "engine/train/running_statistics.hpp"

namespace amltrain::engine {

struct StepOptions {
  bool bf16 = false;
  GradScaler* scaler = nullptr;  // with one: fp16
  bool cuda_graph = false;       // see GraphedPass; for batches on a GPU
  int batches = 1;               // of this rank, in a step
  Ranks* ranks = nullptr;        // several: finish() steps along the mean gradient over the images of all
  ExchangeOptions exchange{};    // of their gradients
  double label_smoothing = 0;
  double clip_grad_norm = 0;                                   // 0: not clipped
  std::int64_t micro_batch = std::numeric_limits<int>::max();  // images computed at a time
  std::int64_t fitted = 0;  // of several ranks: images of which memory is known to have room for the step
};

/// Of all ranks, in a step.
struct ImagesOfRanks {
  std::int64_t images = 0;
  std::vector<int> batches;  // of each rank: those that had images
};

class Step {
 public:
  Step(const ResNet& model, Optimiser& optimiser, const StepOptions& options);

  /// Adds the gradients of a batch. When its loss is not finite it has none, and finish() must not be called;
  /// on another device than the CPU that is not looked at. A batch that memory is too small for is computed
  /// in parts of half as many images, from then on: batch norm sees the parts, the gradient is that of the
  /// whole. Throws what the allocator throws when there is no room for one image.
  Outcome add(const at::Tensor& images, const Target& target);
  /// Steps along the mean gradient over all images since the last call, and drops it. With a scaler, no step
  /// is made when a gradient is not finite.
  void finish(double learning_rate);
  /// Of several ranks each calls both, with images of its own or without: exchange() gives each the gradients
  /// of all, and is the first thing that it does with Ranks after its batches; finish() then steps along
  /// their mean, unless no rank had any.
  void exchange();
  void finish(double learning_rate, const ImagesOfRanks& all);
  /// Seconds in exchange() so far.
  double exposed_seconds() const { return exchange_ ? exchange_->exposed_seconds() : 0; }

  std::int64_t micro_batch() const { return options_.micro_batch; }
  std::int64_t fitted() const { return options_.fitted; }
  int graph_runs() const { return graph_.runs(); }

 private:
  at::ScalarType compute() const;
  /// False when the loss is not finite.
  bool learn(const at::Tensor& images, const Target& target, bool alone, Outcome& sum);
  /// The same for a batch that is a step, from a CUDA graph; false when that is not to be.
  bool learn_recorded(const at::Tensor& images, const Target& target, Outcome& sum);
  /// Returns whether the loss is a mean still: `whole`, where that was to be, and the batch not in parts.
  bool learn_in_parts(const at::Tensor& images, const Target& target, bool whole, Outcome& sum);
  void learn_and_exchange(const at::Tensor& images, const Target& target, Outcome& sum);

  const ResNet& model_;
  Optimiser& optimiser_;
  StepOptions options_;
  GraphedPass graph_;
  std::optional<RunningStatistics> statistics_;
  std::optional<GradientExchange> exchange_;
  int added_ = 0;            // batches, since the last step
  bool updated_ = false;     // the optimiser has all the memory that it takes
  std::int64_t images_ = 0;  // whose gradients there are
  bool summed_ = false;      // the gradients are sums over images, not means
};

/// Float logits, N x classes, in evaluation mode; sets the model to it. `compute`: see Autocast.
at::Tensor infer(ResNet& model, const at::Tensor& images, at::ScalarType compute);

/// As a batch holds its images.
inline const Placement kHostImages{at::kCPU, at::MemoryFormat::ChannelsLast};

/// The batch as tensors where the model lies; on the CPU they view the batch's memory where the format is its
/// own. Of a batch of features: float, count x features.
at::Tensor images_of(const Batch& batch, const Placement& placement);
at::Tensor labels_of(const Batch& batch, const Placement& placement);

}  // namespace amltrain::engine
