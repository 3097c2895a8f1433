#include "engine/train/running_statistics.hpp"

#include <ATen/ops/cat.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/nn/shapes.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

constexpr double kMomentum = 0.1, kKept = 1 - kMomentum;  // ConvNorm's

/// Where batch `i` of `rank` stands among all.
int place_of(int i, std::size_t rank, const std::vector<int>& batches) {
  int before = 0;
  for (std::size_t other = 0; other < batches.size(); ++other)
    before += std::min(batches[other], other < rank ? i + 1 : i);
  return before;
}

}  // namespace

RunningStatistics::RunningStatistics(const ResNet& model) {
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

void RunningStatistics::set(const at::Tensor& flat, std::int64_t counted) const {
  const at::NoGradGuard no_grad;
  std::int64_t first = 0;
  for (const at::Tensor& one : statistics_) {
    one.copy_(flat.narrow(0, first, one.numel()));
    first += one.numel();
  }
  for (const at::Tensor& counter : counters_) counter.fill_(counted);
}

std::int64_t RunningStatistics::counted() const { return counters_.front().item<std::int64_t>(); }

void RunningStatistics::before_batch() {
  before_ = flat();
  counted_before_ = counted();
  if (at_begin_.defined()) return;
  at_begin_ = before_;
  counted_at_begin_ = counted_before_;
}

void RunningStatistics::take_back() { set(before_, counted_before_); }

void RunningStatistics::after_batch() {
  const double kept = std::pow(kKept, static_cast<double>(counted() - counted_before_));
  of_batches_.push_back(flat().sub_(before_, kept).mul_(kMomentum / (1 - kept)));
}

void RunningStatistics::combine(Ranks& ranks, const std::vector<int>& batches) {
  const int all = std::accumulate(batches.begin(), batches.end(), 0);
  if (!at_begin_.defined()) {  // no batch was this rank's
    at_begin_ = flat();
    counted_at_begin_ = counted();
  }
  at::Tensor sum = at::zeros_like(at_begin_);
  for (std::size_t i = 0; i < of_batches_.size(); ++i) {
    const int place = place_of(static_cast<int>(i), static_cast<std::size_t>(ranks.rank()), batches);
    sum.add_(of_batches_[i], std::pow(kKept, all - 1 - place));
  }
  sum = sum.cpu();  // itself, on the CPU
  const std::span<float> values(sum.mutable_data_ptr<float>(), static_cast<std::size_t>(sum.numel()));
  ranks.sum(std::span(&values, 1));
  set(sum.to(at_begin_.device()).add_(at_begin_, std::pow(kKept, all)), counted_at_begin_ + all);
  at_begin_ = before_ = at::Tensor();
  of_batches_.clear();
}

}  // namespace amltrain::engine
