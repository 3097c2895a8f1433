// The state dict of a ResNet by names and shapes, as torchvision's model.state_dict() lists it. No torch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/nn/spec.hpp"

namespace amltrain::engine {

using NamedShape = std::pair<std::string, std::vector<std::int64_t>>;

/// Parameters and buffers in torchvision's order, with fc of `classes` rows. "*.num_batches_tracked" (shape
/// []) are int64, all others float.
std::vector<NamedShape> parameter_shapes(const ResNetSpec& spec, std::int64_t classes);

/// True for the counters of BatchNorm, which files of torch before 0.4.1 do not have.
bool is_batch_counter(std::string_view name);
/// True for what is trained, not for the statistics of BatchNorm.
bool is_parameter(std::string_view name);
/// True for fc, which a fine-tuning replaces; all else is the backbone.
bool is_head(std::string_view name);

/// Channels of the middle convolutions of a block in stage 0 to 3: width_per_group * groups / 64 of the plain
/// ResNet's planes.
std::int64_t block_width(const ResNetSpec& spec, int stage);

}  // namespace amltrain::engine
