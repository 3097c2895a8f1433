#include "engine/device/staging.hpp"

#include <ATen/ops/as_strided.h>
#include <ATen/ops/empty.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

/// `locked` from value `first` on, in the shape of `tensor` and laid out as it is: copying is one memcpy
/// then.
at::Tensor place_for(const at::Tensor& tensor, const at::Tensor& locked, std::int64_t first) {
  return at::as_strided(locked, tensor.sizes(), tensor.strides(), first);
}

}  // namespace

Staging::Staging(const at::Device& device, std::int64_t values)
    : stream_(c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device)),
      ready_(device.type()),
      locked_(at::empty({values}, at::device(at::kCPU).dtype(at::kFloat).pinned_memory(true))) {}

void Staging::mark_ready() {
  ready_.record(c10::impl::VirtualGuardImpl(stream_.device_type()).getStream(stream_.device()));
}

std::span<float> Staging::fetch(const std::vector<at::Tensor>& tensors) {
  const at::NoGradGuard no_grad;
  const c10::StreamGuard on_own_stream(stream_);
  ready_.block(stream_);
  std::int64_t first = 0;
  for (const at::Tensor& tensor : tensors) {
    place_for(tensor, locked_, first).copy_(tensor, /*non_blocking=*/true);
    first += tensor.numel();
  }
  stream_.synchronize();
  return {locked_.mutable_data_ptr<float>(), static_cast<std::size_t>(first)};
}

void Staging::put_back(const std::vector<at::Tensor>& tensors) {
  const at::NoGradGuard no_grad;
  const c10::StreamGuard on_own_stream(stream_);
  std::int64_t first = 0;
  for (const at::Tensor& tensor : tensors) {
    tensor.copy_(place_for(tensor, locked_, first), /*non_blocking=*/true);
    first += tensor.numel();
  }
  stream_.synchronize();
}

}  // namespace amltrain::engine
