// torch.autocast(device, type) for the lifetime of the object: convolutions and fc run in that type on casts
// of the fp32 weights, which are kept for the scope and then dropped.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace amltrain::engine {

class Autocast {
 public:
  /// `type`: bfloat16 or half; float: nothing is cast.
  Autocast(c10::DeviceType device, at::ScalarType type);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool enabled_;
};

}  // namespace amltrain::engine
