#include "engine/device/upload.hpp"

#include <ATen/ops/empty_like.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "engine/torch.hpp"

namespace amltrain::engine {

Upload::Upload(const at::Device& device) : device_(device) {
  if (!device.is_cpu()) stream_ = c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

// Lifetimes: torch hands page-locked memory out again when the copies from it are done, and memory of the
// device when the streams that it was recorded for have passed the point where it was freed.
at::Tensor Upload::operator()(const at::Tensor& host) {
  if (!stream_) return host;
  const c10::Stream computing = c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
  if (asked_for_.size() == kAhead) {
    asked_for_.front().synchronize();
    asked_for_.pop_front();
  }
  asked_for_.emplace_back(device_.type()).record(computing);
  const at::Tensor locked = at::empty_like(host, host.options().pinned_memory(true));
  locked.copy_(host);
  at::Tensor there;
  c10::Event arrived(device_.type());
  {
    const c10::StreamGuard on_own_stream(*stream_);
    there = locked.to(locked.options().device(device_).pinned_memory(false), /*non_blocking=*/true);
    arrived.record(*stream_);
  }
  arrived.block(computing);
  there.record_stream(computing);
  return there;
}

}  // namespace amltrain::engine
