#include "engine/train/gradient_exchange.hpp"

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <chrono>
#include <memory>
#include <span>

#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

struct ReadyHook final : torch::autograd::PostAccumulateGradHook {
  explicit ReadyHook(GradientExchange& owner) : exchange(owner) {}
  void operator()(const at::Tensor& parameter) override { exchange.ready(parameter); }
  GradientExchange& exchange;
};

/// Zeros where it is absent, and laid out in memory as its parameter is, on all ranks.
void complete(const at::Tensor& parameter) {
  const at::NoGradGuard no_grad;
  at::Tensor& gradient = parameter.mutable_grad();
  if (!gradient.defined())
    gradient = at::zeros_like(parameter).set_requires_grad(false);
  else if (gradient.strides() != parameter.strides())
    gradient = at::zeros_like(parameter).set_requires_grad(false).copy_(gradient);
}

std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) gradients.push_back(parameter.grad());
  return gradients;
}

std::span<float> values_of(const at::Tensor& gradient) {
  return {gradient.mutable_data_ptr<float>(), static_cast<std::size_t>(gradient.numel())};
}

}  // namespace

GradientExchange::GradientExchange(const std::vector<at::Tensor>& parameters, Ranks& ranks,
                                   const ExchangeOptions& options)
    : ranks_(ranks),
      rounded_(options.rounded),
      parameters_(parameters.rbegin(), parameters.rend()),
      is_ready_(parameters.size()) {
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (buckets_.empty() || (options.bucket_bytes > 0 && bytes >= options.bucket_bytes)) {
      buckets_.emplace_back();
      bytes = 0;
    }
    buckets_.back().parameters.push_back(parameters_[i]);
    bucket_of_.push_back(buckets_.size() - 1);
    bytes += parameters_[i].numel() * static_cast<std::int64_t>(sizeof(float));
    numbers_[parameters_[i].unsafeGetTensorImpl()] = i;
    torch::autograd::impl::set_post_acc_grad_hooks(parameters_[i], std::make_unique<ReadyHook>(*this));
  }
  for (Bucket& bucket : buckets_) {
    const at::Device device = bucket.parameters.front().device();
    std::int64_t values = 0;
    for (const at::Tensor& parameter : bucket.parameters) values += parameter.numel();
    if (!device.is_cpu()) bucket.staging.emplace(device, values);
  }
  thread_ = std::jthread([this] { work(); });
}

GradientExchange::~GradientExchange() {
  for (const at::Tensor& parameter : parameters_)
    torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void GradientExchange::begin() {
  is_ready_.assign(parameters_.size(), false);
  for (Bucket& bucket : buckets_) bucket.missing = bucket.parameters.size();
  const std::lock_guard lock(mutex_);
  whole_ = summed_ = 0;
  begun_ = true;
}

void GradientExchange::ready(const at::Tensor& parameter) {
  if (!begun_) return;
  const auto found = numbers_.find(parameter.unsafeGetTensorImpl());
  if (found != numbers_.end()) mark(found->second);
}

void GradientExchange::mark(std::size_t parameter) {
  if (is_ready_[parameter]) return;
  is_ready_[parameter] = true;
  complete(parameters_[parameter]);
  Bucket& bucket = buckets_[bucket_of_[parameter]];
  if (--bucket.missing > 0) return;
  if (bucket.staging) bucket.staging->mark_ready();
  const std::lock_guard lock(mutex_);
  while (whole_ < buckets_.size() && buckets_[whole_].missing == 0) ++whole_;
  changed_.notify_all();
}

void GradientExchange::finish() {
  const auto start = std::chrono::steady_clock::now();
  if (!begun_) begin();
  for (std::size_t i = 0; i < parameters_.size(); ++i) mark(i);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return summed_ == buckets_.size() || problem_; });
  begun_ = false;
  if (problem_) std::rethrow_exception(problem_);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  exposed_ += seconds;
  ranks_.excuse(seconds);
}

void GradientExchange::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || summed_ < whole_; });
    if (ended_) return;
    Bucket& bucket = buckets_[summed_];
    lock.unlock();
    std::exception_ptr problem;
    try {
      sum(bucket);
    } catch (...) {
      problem = std::current_exception();
    }
    lock.lock();
    problem_ = problem;
    ++summed_;
    changed_.notify_all();
    if (problem) return;
  }
}

void GradientExchange::sum(Bucket& bucket) {
  const std::vector<at::Tensor> gradients = gradients_of(bucket.parameters);
  std::vector<std::span<float>> pieces;
  if (bucket.staging)
    pieces.push_back(bucket.staging->fetch(gradients));
  else
    for (const at::Tensor& gradient : gradients) pieces.push_back(values_of(gradient));
  if (rounded_)
    ranks_.sum_rounded(pieces);
  else
    ranks_.sum(pieces);
  if (bucket.staging) bucket.staging->put_back(gradients);
}

}  // namespace amltrain::engine
