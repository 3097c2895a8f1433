// GPUs as NVIDIA's management library lists them.
#pragma once

#include <sys/types.h>

#include <vector>

#include "compute/inventory.hpp"

namespace amltrain {

/// The GPUs of the machine; none when the driver's libnvidia-ml.so.1 is absent or answers with an error.
std::vector<Gpu> list_gpus();

/// The processes that compute on a GPU now. Their ids are those of the driver's pid namespace: within a
/// container they may name nobody.
struct GpuUse {
  int index;
  std::vector<pid_t> processes;
};
/// Of all GPUs; none as above.
std::vector<GpuUse> list_gpu_use();

}  // namespace amltrain
