// What amltrain_bench measures: one function a subcommand, each giving one JSON object. They call the
// engine's own parts in the way the trainer does, so that a figure is of the code that trains.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/api.hpp"
#include "support/json.hpp"

namespace amltrain::bench {

struct Settings {
  engine::TrainOptions train;  // epochs: passes, each reported by itself
  int steps = 20;              // of synthetic input
  bool validation = false;     // loader: the validation view in place of the augmented one
};

/// Passes over the training images without a network: {"epochs": [{images, seconds, cpu_seconds}]}.
json loader_rate(const Settings& settings);

/// Optimiser steps on one batch that stays in memory: {"images", "seconds", "cpu_seconds"}; the first three
/// are not counted.
json step_rate(const Settings& settings);

/// Square matrix products of several sizes: {"precision", "gflop_per_second", "sizes": [{size,
/// gflop_per_second}]}, the best of each size and of all.
json matrix_rate(const Settings& settings);

/// Epochs of training on the images and, between them, as many steps on one batch in memory:
/// {"real": [{images, seconds, cpu_seconds, input_cpu_seconds}], "synthetic": [{images, seconds,
/// cpu_seconds}]}.
json training_rate(const Settings& settings);

/// Passes over the validation images with the network: {"epochs": [...]}.
json validation_rate(const Settings& settings);

/// 100 metrics a step appended to `file`: {"steps", "seconds"}.
json metrics_cost(const Settings& settings, const std::filesystem::path& file);

}  // namespace amltrain::bench
