// Batch norm's running statistics where each rank sees batches of its own.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/nn/resnet.hpp"
#include "engine/parallel/ranks.hpp"

namespace amltrain::engine {

/// Normalising is each rank's own, by the statistics of its batch, as in torch's DistributedDataParallel. But
/// the running statistics become, on all ranks, what they would be in one process that saw the step's batches
/// one after the other: with momentum m and the batches' statistics s_1 ... s_n,
/// (1-m)^n * before + sum of m (1-m)^(n-i) * s_i.
class RunningStatistics {
 public:
  /// `model` must outlive it.
  explicit RunningStatistics(const ResNet& model);

  void before_batch();
  /// Forgets what was learnt since before_batch(): a part of the batch failed halfway through the network.
  void take_back();
  /// A batch that was computed in parts counts as one, with the mean over the parts.
  void after_batch();
  /// At the end of a step: `batches` of each rank. One process would see the first of each, then the second.
  void combine(Ranks& ranks, const std::vector<int>& batches);

 private:
  at::Tensor flat() const;
  void set(const at::Tensor& flat, std::int64_t counted) const;
  std::int64_t counted() const;

  std::vector<at::Tensor> statistics_, counters_;  // sharing the model's memory
  at::Tensor at_begin_, before_;        // all statistics in one; undefined before a step's first batch
  std::vector<at::Tensor> of_batches_;  // m * s_i, of this rank's
  std::int64_t counted_at_begin_ = 0, counted_before_ = 0;
};

}  // namespace amltrain::engine
