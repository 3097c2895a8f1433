// Everything that a training needs to go on to the bytes that it would have ended with uninterrupted. There
// is no state of random numbers in it: what is drawn is a pure function of (seed, epoch, sample).
#pragma once

#include <optional>

#include "engine/train/metrics_mark.hpp"
#include "engine/train/state.hpp"

namespace amltrain::engine {

struct Checkpoint {
  json match;                      // what must be the same to go on: see checkpoint_match()
  Position at;                     // where to go on
  TrainingSummary summary;         // of the epochs before it; its times are not kept
  std::optional<Evaluation> best;  // of summary.best_epoch
  LossWatch watch;
  std::int64_t micro_batch = 0;  // see StepOptions
  MetricsMark metrics;           // what the metrics file held
};

/// All but the tensors. Numbers come back bit by bit.
json to_document(const Checkpoint& checkpoint);
/// Throws Error{bad_input} naming the field that is absent or of another type.
Checkpoint parse_checkpoint(const json& document);

/// The options and the data that decide the result, by name: options as on the command line, precision and
/// threads as chosen, the data as a hash over the paths, labels and sizes of its files. `between` is called
/// between any two files.
json checkpoint_match(const TrainOptions& options, const Numerics& numerics, const ImageFolder& folder,
                      const std::function<void()>& between);
/// Throws Error{bad_input} naming what differs, with both values.
void require_match(const json& recorded, const json& present, const std::string& origin);

/// "model.NAME", the states of optimiser and scaler by their names and "ema.NAME" of an average: the tensors
/// that change with every step, not copied. One that lies in memory as channels_last does is given as it
/// lies, N x H x W x C, under its name with "@nhwc" added: a copy is then as fast as memory.
StateDict changing_tensors(const TrainState& state);
/// The way back. Throws Error{bad_input} naming `origin` when the tensors are not those of this training.
void restore_tensors(const StateDict& tensors, const std::string& origin, TrainState& state);
/// `weights` in the model's order, which is that of the file they will be saved as. Throws Error{bad_input}
/// naming `origin` when they are not the model's.
StateDict in_model_order(const StateDict& weights, const std::string& origin, const ResNet& model);

}  // namespace amltrain::engine
