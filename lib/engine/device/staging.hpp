// Tensors of a device in host memory for a while, where other processes can be given them.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <cstdint>
#include <span>
#include <vector>

namespace amltrain::engine {

/// Of one device that is not the CPU, whose memory holds what is to be staged. Copies go through page-locked
/// memory on a stream of their own, beside what the device computes.
class Staging {
 public:
  /// For `values` floats at most.
  Staging(const at::Device& device, std::int64_t values);

  /// The tensors to be fetched are whole once the device has done what the current stream was given so far.
  void mark_ready();
  /// The values of float tensors as they lie in memory, one tensor after the other. Waits for mark_ready()'s
  /// moment and the copies, not for what the device was given since. May run on another thread.
  std::span<float> fetch(const std::vector<at::Tensor>& tensors);
  /// Writes the fetched values, changed meanwhile, back into the same tensors; they are there on return.
  void put_back(const std::vector<at::Tensor>& tensors);

 private:
  c10::Stream stream_;
  c10::Event ready_;
  at::Tensor locked_;
};

}  // namespace amltrain::engine
