// Does a state dict belong to an architecture? infer_spec() of formats.hpp is the other half.
#pragma once

#include <cstdint>
#include <string>

#include "engine/exchange/state_dict.hpp"
#include "engine/nn/spec.hpp"

namespace amltrain::engine {

/// Throws Error{bad_input} naming `origin` and the first tensor, in torchvision's order, that is missing, of
/// another shape or not float32 (int64 for *.num_batches_tracked, which may be absent), or that the
/// architecture lacks.
void check_matches(const StateDict& state, const ResNetSpec& spec, std::int64_t classes,
                   const std::string& origin);

/// "[64, 3, 7, 7]"
std::string shape_text(at::IntArrayRef shape);

}  // namespace amltrain::engine
