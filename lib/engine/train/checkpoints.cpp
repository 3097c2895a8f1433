#include "engine/train/checkpoints.hpp"

#include "engine/train/words.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

Checkpoints::Checkpoints(const TrainOptions& options, json match, const Say& say)
    : options_(options), say_(say), match_(std::move(match)), writer_(options.checkpoint_folder) {}

Position Checkpoints::begin_or_resume(TrainState& state) {
  if (!options_.resume_from.empty()) {
    if (const auto newest = read_newest_checkpoint(options_.resume_from, say_)) {
      resume(*newest, state);
      return newest->at;
    }
    if (!options_.resume_if_any)
      throw Error(category::not_found, "no checkpoint in " + options_.resume_from.string(),
                  "give the --checkpoint-dir of the training to go on with");
    say_("resume: no checkpoint yet, the training begins");
  } else if (enabled() && has_checkpoints(options_.checkpoint_folder)) {
    throw Error(category::conflict,
                options_.checkpoint_folder.string() + " holds the checkpoints of an earlier training",
                "go on with it: --resume auto; or name another --checkpoint-dir");
  }
  // A document without tensors: a training that is killed before its first checkpoint begins again, with a
  // metrics file as it was.
  if (enabled()) write_checkpoint(options_.checkpoint_folder, document(state, {}));
  return {};
}

void Checkpoints::resume(const Checkpoint& from, TrainState& state) {
  const std::string origin = "the checkpoint in " + options_.resume_from.string();
  require_match(from.match, match_, origin);
  if (!from.tensors.entries.empty()) unpack_tensors(from.tensors, origin, state);
  state.summary = from.summary;
  state.best = from.best;
  state.watch = from.watch;
  state.micro_batch = from.micro_batch;
  if (!return_to_mark(options_.metrics_file, from.metrics))
    say_("the metrics from before the checkpoint are not in " + options_.metrics_file.string());
  say_(words("resumed in epoch %d after step %lld", from.at.epoch,
             static_cast<long long>(state.summary.steps)));
  // A folder of its own has at once what this training can be resumed from.
  if (enabled() && !has_checkpoints(options_.checkpoint_folder)) {
    Checkpoint copy = from;
    copy.metrics = mark_metrics(options_.metrics_file);
    writer_.write(std::move(copy));
  }
}

bool Checkpoints::due(std::int64_t steps) const {
  return enabled() && options_.checkpoint_every > 0 && steps % options_.checkpoint_every == 0 &&
         !writer_.busy();
}

void Checkpoints::write(const TrainState& state, const Position& at, std::vector<UnreadableFile> skipped) {
  if (!enabled()) return;
  writer_.wait();  // what it writes is the memory that is filled now
  pack_tensors(state, packed_);
  Checkpoint written = document(state, at);
  written.summary.skipped = std::move(skipped);
  written.tensors = packed_;
  writer_.write(std::move(written));
}

Checkpoint Checkpoints::document(const TrainState& state, const Position& at) const {
  Checkpoint document;
  document.match = match_;
  document.at = at;
  document.summary = state.summary;
  document.best = state.best;
  document.watch = state.watch;
  document.micro_batch = state.micro_batch;
  document.metrics = mark_metrics(options_.metrics_file);
  return document;
}

}  // namespace amltrain::engine
