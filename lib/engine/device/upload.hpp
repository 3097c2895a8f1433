// Batches on their way to where they are computed with.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <deque>
#include <optional>

namespace amltrain::engine {

/// Copies from host memory to one device. On the CPU a tensor is given back as it is. On a GPU the copy goes
/// through page-locked memory on a stream of its own, beside what the GPU computes, and what is computed next
/// on the current stream waits for it there. `host` may be changed at once. The host waits only where it is
/// kAhead copies ahead of the GPU, so that what is under way takes bounded memory.
class Upload {
 public:
  static constexpr std::size_t kAhead = 8;  // four batches of images and labels

  explicit Upload(const at::Device& device);
  at::Tensor operator()(const at::Tensor& host);

 private:
  at::Device device_;
  std::optional<c10::Stream> stream_;
  std::deque<c10::Event> asked_for_;  // on the computing stream, one a copy
};

}  // namespace amltrain::engine
