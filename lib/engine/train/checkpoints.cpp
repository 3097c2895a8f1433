#include "engine/train/checkpoints.hpp"

#include "checkpoint/folder.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"

namespace amltrain::engine {

std::optional<int> ranks_begun_with(const TrainOptions& options) {
  if (options.resume_from.empty()) return std::nullopt;
  const std::vector<std::string> names = checkpoint_names(options.resume_from);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    try {
      const CheckpointDocument document =
          read_checkpoint_document(checkpoint_document_file(options.resume_from, *name));
      return field_or<int>(field<json>(document.state, "match"), "ranks", 1);
    } catch (const Error& problem) {  // damaged, which is said when it is read whole: all are of one training
      if (problem.kind() != category::bad_input) throw;
    }
  }
  return std::nullopt;
}

Checkpoints::Checkpoints(const TrainOptions& options, json match, const Say& say)
    : options_(options),
      say_(say),
      match_(std::move(match)),
      pace_(options.checkpoint_every, CheckpointPace::Clock::now()),
      writer_(options.checkpoint_folder) {}

Position Checkpoints::begin_or_resume(TrainState& state) {
  if (!options_.resume_from.empty()) {
    if (const auto newest = read_newest_checkpoint(options_.resume_from, say_)) {
      resume(*newest, state);
      return newest->state.at;
    }
    if (!options_.resume_if_any)
      throw Error(category::not_found, "no checkpoint in " + options_.resume_from.string(),
                  "give the --checkpoint-dir of the training to go on with");
    say_("resume: no checkpoint yet, the training begins");
  } else if (enabled() && !checkpoint_names(options_.checkpoint_folder).empty()) {
    throw Error(category::conflict,
                options_.checkpoint_folder.string() + " holds the checkpoints of an earlier training",
                "go on with it: --resume auto; or name another --checkpoint-dir");
  }
  // A document without tensors: a training that is killed before its first checkpoint begins again, with a
  // metrics file as it was.
  if (enabled()) writer_.store().write(document(state, {}), {}, {});
  return {};
}

void Checkpoints::resume(const StoredCheckpoint& from, TrainState& state) {
  const std::string origin = "the checkpoint in " + options_.resume_from.string();
  require_match(from.state.match, match_, origin);
  if (!from.tensors.entries.empty()) restore_tensors(from.tensors, origin, state);
  if (from.state.best) state.best_state = in_model_order(from.best, origin, state.model);
  state.summary = from.state.summary;
  state.best = from.state.best;
  state.watch = from.state.watch;
  state.micro_batch = from.state.micro_batch;
  if (!return_to_mark(options_.metrics_file, from.state.metrics))
    say_("the metrics from before the checkpoint are not in " + options_.metrics_file.string());
  say_(words("resumed in epoch %d after step %lld", from.state.at.epoch,
             static_cast<long long>(state.summary.steps)));
  if (!enabled()) return;
  if (checkpoint_names(options_.checkpoint_folder).empty())
    write(state, from.state.at, state.summary.skipped);  // there is at once what this one can be resumed from
  else if (from.best_part && std::filesystem::equivalent(options_.resume_from, options_.checkpoint_folder))
    writer_.store().know_best(state.summary.best_epoch, *from.best_part);
}

bool Checkpoints::due(std::int64_t steps) {
  return enabled() && !writer_.busy() && pace_.due(steps, CheckpointPace::Clock::now());
}

void Checkpoints::write(const TrainState& state, const Position& at, std::vector<UnreadableFile> skipped) {
  if (!enabled()) return;
  const auto start = CheckpointPace::Clock::now();
  writer_.wait();  // what it writes is the memory that is filled now
  pace_.begun(start, copy_cost_ + writer_.cost());
  image_.fill(changing_tensors(state), SafetensorsImage::Threads::of_the_arithmetic);
  Checkpoint written = document(state, at);
  written.summary.skipped = std::move(skipped);
  writer_.write(std::move(written), image_.bytes(), state.best_state);
  copy_cost_ = CheckpointPace::Clock::now() - start;
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
