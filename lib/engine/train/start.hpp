// The model a training begins with.
#pragma once

#include "engine/api.hpp"
#include "engine/nn/resnet.hpp"

namespace amltrain::engine {

/// options.arch for `classes` classes: fresh, or with the backbone of the file options.weights and a fresh
/// fc, as the tutorial replaces it. Throws Error{bad_input} when the file holds another architecture.
ResNet starting_model(const TrainOptions& options, std::int64_t classes, const Placement& placement,
                      const Say& say);

}  // namespace amltrain::engine
