// torch.autocast(device, bfloat16) for the lifetime of the object: convolutions and fc run in bf16 on casts
// of the fp32 weights, which are kept for the scope and then dropped.
#pragma once

#include <c10/core/Device.h>

namespace amltrain::engine {

class Autocast {
 public:
  Autocast(c10::DeviceType device, bool enabled);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool enabled_;
};

}  // namespace amltrain::engine
