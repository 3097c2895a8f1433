// GPUs as NVIDIA's management library lists them.
#pragma once

#include <vector>

#include "compute/inventory.hpp"

namespace amltrain {

/// The GPUs of the machine; none when the driver's libnvidia-ml.so.1 is absent or answers with an error.
std::vector<Gpu> list_gpus();

}  // namespace amltrain
