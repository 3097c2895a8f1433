// Batches on their way to where they are computed with.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Stream.h>

#include <optional>

namespace amltrain::engine {

/// Copies from host memory to one device. On the CPU a tensor is given back as it is. On a GPU the copy goes
/// through page-locked memory on a stream of its own, beside what the GPU computes, and what is computed next
/// on the current stream waits for it there: the host waits for nothing. `host` may be changed at once.
class Upload {
 public:
  explicit Upload(const at::Device& device);
  at::Tensor operator()(const at::Tensor& host) const;

 private:
  at::Device device_;
  std::optional<c10::Stream> stream_;
};

}  // namespace amltrain::engine
