// The device of these tests; main() has seen that there is one.
#pragma once

#include "engine/nn/resnet.hpp"
#include "engine/torch.hpp"

namespace amltrain::test {

inline const engine::Placement kHost{at::kCPU, at::MemoryFormat::ChannelsLast};
inline const engine::Placement kGpu{at::Device(at::kCUDA, 0), at::MemoryFormat::ChannelsLast};

inline double distance(const at::Tensor& one, const at::Tensor& other) {
  return one.detach()
      .cpu()
      .to(at::kFloat)
      .sub(other.detach().cpu().to(at::kFloat))
      .abs()
      .max()
      .item<double>();
}

}  // namespace amltrain::test
