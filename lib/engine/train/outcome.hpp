// What a batch gave.
#pragma once

#include <ATen/core/Tensor.h>

namespace amltrain::engine {

/// Scalars where the model lies: to read them is to wait for the device.
struct Outcome {
  at::Tensor loss, correct;  // see loss_of(), hits_of()
  int images = 0;
};

}  // namespace amltrain::engine
