#include "engine/train/running_statistics.hpp"

#include <ATen/ops/cat.h>

#include <cmath>

#include "engine/nn/shapes.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

constexpr double kKept = 1 - 0.1;  // of the statistics, by a batch: ConvNorm's momentum is 0.1

}  // namespace

RunningStatistics::RunningStatistics(const ResNet& model, int most) : most_(most) {
  for (const auto& [name, tensor] : model.state().entries) {
    if (is_batch_counter(name))
      counters_.push_back(tensor);
    else if (!is_parameter(name))
      statistics_.push_back(tensor);
  }
}

at::Tensor RunningStatistics::flat() const {
  const at::NoGradGuard no_grad;
  return at::cat(statistics_);
}

void RunningStatistics::before_batch() {
  before_ = flat();
  counted_before_ = counters_.front().item<std::int64_t>();
  if (weighted_.defined()) return;
  at_begin_ = before_;
  counted_at_begin_ = counted_before_;
  weighted_ = at::zeros_like(before_);
}

void RunningStatistics::after_batch(int number) {
  // More than one when memory was too small for the batch.
  const auto parts = static_cast<double>(counters_.front().item<std::int64_t>() - counted_before_);
  const at::Tensor added = flat().sub(before_, std::pow(kKept, parts));
  weighted_.add_(added, std::pow(kKept, most_ - 1 - number));
}

void RunningStatistics::combine(Ranks& ranks, int batches) {
  const at::NoGradGuard no_grad;
  std::int64_t counted = 0;
  if (!weighted_.defined()) {  // no batch was this rank's
    at_begin_ = flat();
    counted_at_begin_ = counters_.front().item<std::int64_t>();
    weighted_ = at::zeros_like(at_begin_);
  } else {
    counted = counters_.front().item<std::int64_t>() - counted_at_begin_;
  }
  const std::span<float> values(weighted_.mutable_data_ptr<float>(),
                                static_cast<std::size_t>(weighted_.numel()));
  ranks.sum(std::span(&values, 1));
  const at::Tensor now =
      weighted_.mul(std::pow(kKept, batches - most_)).add_(at_begin_, std::pow(kKept, batches));
  std::int64_t first = 0;
  for (const at::Tensor& one : statistics_) {
    one.copy_(now.narrow(0, first, one.numel()));
    first += one.numel();
  }
  for (const std::int64_t of_rank : ranks.gather(counted)) counted_at_begin_ += of_rank;
  for (const at::Tensor& counter : counters_) counter.fill_(counted_at_begin_);
  at_begin_ = before_ = weighted_ = at::Tensor();
}

}  // namespace amltrain::engine
