// Fresh weights, as torchvision.models.resnet and torch.nn.Linear draw them.
#pragma once

#include <cstdint>

#include "engine/exchange/state_dict.hpp"
#include "engine/nn/spec.hpp"

namespace amltrain::engine {

/// Contiguous CPU tensors of parameter_shapes(spec, classes). Convolutions: Kaiming normal, fan out, ReLU
/// gain (He et al. 2015, arXiv:1502.01852). Batch norm: 1 and 0. fc: uniform in +-1/sqrt(columns), weight and
/// bias.
StateDict fresh_state(const ResNetSpec& spec, std::int64_t classes, std::uint64_t seed);

}  // namespace amltrain::engine
