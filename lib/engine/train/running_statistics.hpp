// Batch norm's running statistics where each rank sees batches of its own.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/nn/resnet.hpp"
#include "engine/parallel/ranks.hpp"

namespace amltrain::engine {

/// Normalising is each rank's own, by the statistics of its batch, as in torch's DistributedDataParallel. But
/// the running statistics become, on all ranks, what they would be in one process that saw the step's batches
/// one after the other: with momentum m and the batches' statistics s_1 ... s_n, (1-m)^n * before + sum of m
/// (1-m)^(n-i) * s_i.
class RunningStatistics {
 public:
  /// `most`: batches of a step, of all ranks. `model` must outlive it.
  RunningStatistics(const ResNet& model, int most);

  void before_batch();
  /// `number`: 0-based, among the step's batches of all ranks.
  void after_batch(int number);
  /// At the end of a step of `batches` batches, at most `most`.
  void combine(Ranks& ranks, int batches);

 private:
  at::Tensor flat() const;

  int most_;
  std::vector<at::Tensor> statistics_, counters_;  // sharing the model's memory
  at::Tensor at_begin_, before_, weighted_;  // all statistics in one; undefined before a step's first batch
  std::int64_t counted_at_begin_ = 0, counted_before_ = 0;
};

}  // namespace amltrain::engine
