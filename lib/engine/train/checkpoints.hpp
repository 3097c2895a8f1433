// When a training writes checkpoints, and how it goes on from one.
#pragma once

#include <optional>

#include "engine/api.hpp"
#include "engine/exchange/safetensors_image.hpp"
#include "engine/train/checkpoint_pace.hpp"
#include "engine/train/checkpoint_writer.hpp"
#include "engine/train/state.hpp"

namespace amltrain::engine {

/// How many ranks began the training that options.resume_from holds; absent when it holds none.
std::optional<int> ranks_begun_with(const TrainOptions& options);

class Checkpoints {
 public:
  /// `match`: checkpoint_match() of this training. What is referred to must outlive it. Throws
  /// Error{conflict} when another training writes to the folder.
  Checkpoints(const TrainOptions& options, json match, const Say& say);

  /// Where to begin: the start, or what the newest checkpoint of options.resume_from says, whose state is
  /// brought into `state`. Throws Error{not_found} without one, Error{bad_input} for another training's,
  /// Error{conflict} when a training that begins would write over an earlier one's.
  Position begin_or_resume(TrainState& state);

  bool enabled() const { return writer_.enabled(); }
  /// Between two steps, after `steps` in all. One that comes due while the last is still being written is
  /// left out: the step is never kept waiting.
  bool due(std::int64_t steps);
  /// Copies the state, and writes it beside the step. Nothing when there is no folder.
  void write(const TrainState& state, const Position& at, std::vector<UnreadableFile> skipped);
  /// Until the last one is on disk. Throws what its writing threw.
  void wait() { writer_.wait(); }

 private:
  void resume(const StoredCheckpoint& from, TrainState& state);
  Checkpoint document(const TrainState& state, const Position& at) const;

  const TrainOptions& options_;
  const Say& say_;
  json match_;
  CheckpointPace pace_;
  CheckpointPace::Seconds copy_cost_{0};  // of the last one, to the step
  SafetensorsImage image_;
  CheckpointWriter writer_;  // last: its destructor waits, and it writes the image
};

}  // namespace amltrain::engine
