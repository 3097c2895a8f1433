// The sums of the ranks' gradients, made while the backward pass goes on: a bucket of gradients is exchanged
// as soon as it is whole, by a thread of its own.
#pragma once

#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/device/staging.hpp"
#include "engine/parallel/ranks.hpp"

namespace amltrain::engine {

struct ExchangeOptions {
  std::int64_t bucket_bytes = 0;  // gradients are exchanged when there are so many; 0: all at once
  bool rounded = false;           // to bf16, between hosts
};

class GradientExchange {
 public:
  /// `parameters`: those that are trained, in the model's order, all on one device; the backward pass meets
  /// them the other way round. Each rank has the same.
  GradientExchange(const std::vector<at::Tensor>& parameters, Ranks& ranks, const ExchangeOptions& options);
  /// What is under way goes to its end; other ranks may wait for it.
  ~GradientExchange();
  GradientExchange(const GradientExchange&) = delete;
  GradientExchange& operator=(const GradientExchange&) = delete;

  /// What the next backward pass leaves in grad() is what this rank adds to the step. Without this call
  /// finish() exchanges all.
  void begin();
  /// grad() of the parameter is whole; nothing else uses it before finish() has returned. To be called by
  /// what computes a gradient outside of autograd.
  void ready(const at::Tensor& parameter);
  /// Each grad() is then the sum over the ranks, one that was absent being zero. Throws what the exchange
  /// threw. Each rank calls it once a step, and nothing of Ranks between begin() and its end.
  void finish();

  /// Seconds in finish(): what of the exchange the backward pass did not hide.
  double exposed_seconds() const { return exposed_; }

 private:
  struct Bucket {
    std::vector<at::Tensor> parameters;
    std::size_t missing = 0;  // gradients that are not there yet; the exchanging thread doesn't look at it
    std::optional<Staging> staging;  // of gradients on a GPU, since the ranks exchange host memory
  };
  void mark(std::size_t parameter);
  void work();
  void sum(Bucket& bucket);

  Ranks& ranks_;
  const bool rounded_;
  std::vector<at::Tensor> parameters_;
  std::vector<std::size_t> bucket_of_;  // each parameter
  std::vector<bool> is_ready_;
  std::unordered_map<const void*, std::size_t> numbers_;  // of parameters
  std::vector<Bucket> buckets_;
  bool begun_ = false;
  double exposed_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::size_t whole_ = 0, summed_ = 0;  // buckets, in their order, which is the same on all ranks
  bool ended_ = false;
  std::exception_ptr problem_;
  std::jthread thread_;  // last
};

}  // namespace amltrain::engine
