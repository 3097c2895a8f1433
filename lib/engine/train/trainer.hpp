// Transfer learning as PyTorch's tutorial does it (beginner/transfer_learning_tutorial): in each epoch a
// training phase, the scheduler's step, a validation phase; the weights of the best validation accuracy are
// kept.
#pragma once

#include <functional>

#include "engine/api.hpp"

namespace amltrain::engine {

/// Engine::train.
json train(const TrainOptions& options, const Say& say, const std::function<bool()>& stop);

}  // namespace amltrain::engine
