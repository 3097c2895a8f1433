// Labels and probabilities for files, as the tutorial's scoring script gives them.
#pragma once

#include "engine/api.hpp"

namespace amltrain::engine {

/// Engine::predict.
void predict(const PredictOptions& options, const std::function<void(const Prediction&)>& each);

}  // namespace amltrain::engine
