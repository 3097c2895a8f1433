// Recipes: names for sets of training options. No torch.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/api.hpp"

namespace amltrain::engine {

/// tutorial: what TrainOptions is by default. fast: as many passes over a small data set, to the tutorial's
/// accuracy in less time: fewer pixels in early epochs, larger batches (docs/training.md).
std::vector<std::string> recipe_names();

/// Sets what options.recipe sets, but for the options for which `given` says that the user chose a value.
void apply_recipe(TrainOptions& options, const std::function<bool(const std::string& option)>& given);

}  // namespace amltrain::engine
