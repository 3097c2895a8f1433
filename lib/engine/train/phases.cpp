#include "engine/train/phases.hpp"

#include <cmath>

#include "engine/torch.hpp"
#include "engine/train/step.hpp"
#include "engine/train/words.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

namespace amltrain::engine {

Phases::Phases(const TrainOptions& options, const Numerics& numerics, const Say& say,
               const std::function<bool()>& stop, TrainState& state, Inputs& inputs, Checkpoints& checkpoints,
               const MetricLog& metrics, Progress& progress)
    : options_(options),
      numerics_(numerics),
      say_(say),
      stop_(stop),
      state_(state),
      inputs_(inputs),
      checkpoints_(checkpoints),
      metrics_(metrics),
      progress_(progress) {}

Running Phases::train(const Position& begin, double rate) {
  const int epoch = begin.epoch;
  Running running = begin.running;
  std::int64_t& steps = state_.summary.steps;
  progress_.start(epoch, Progress::Phase::train);
  inputs_.train.start_epoch(epoch, begin.batch);
  state_.model.set_training(true);
  while (const Batch* batch = inputs_.train.next()) {
    throw_if_stopped(epoch);
    const Placement& placement = state_.model.placement();
    const BatchResult result =
        train_step(state_.model, state_.optimiser, rate, images_of(*batch, options_.image_size, placement),
                   labels_of(*batch, placement), numerics_.bf16);
    ++steps;
    if (!std::isfinite(result.loss)) throw_diverged(epoch, *batch);
    running.add(result, batch->count);
    progress_.add(batch->count, steps);
    if (steps % options_.log_every == 0)
      metrics_.write(steps, epoch,
                     {{"lr", rate},
                      {"train_loss", running.mean_loss()},
                      {"train_acc", running.accuracy()},
                      {"images_per_second", progress_.images_per_second()}});
    if (checkpoints_.due(steps))
      checkpoints_.write(state_, {epoch, inputs_.train.next_batch(), running},
                         inputs_.skipped(state_.summary.skipped));
  }
  if (running.images == 0) throw Error(category::bad_input, "no image of the training split can be read");
  say_(words("train Loss: %.4f Acc: %.4f", running.mean_loss(), running.accuracy()));
  return running;
}

Evaluation Phases::validate(int epoch) {
  progress_.start(epoch, Progress::Phase::val);
  Evaluation val = evaluate(state_.model, inputs_.val, options_.image_size, numerics_.bf16, [&](int count) {
    throw_if_stopped(epoch);
    progress_.add(count, state_.summary.steps);
  });
  say_(words("val Loss: %.4f Acc: %.4f", val.loss, val.accuracy));
  say_("");
  return val;
}

void Phases::throw_if_stopped(int epoch) const {
  if (stop_())
    throw Error(category::canceled, words("the training was stopped in epoch %d after step %lld", epoch,
                                          static_cast<long long>(state_.summary.steps)));
}

void Phases::throw_diverged(int epoch, const Batch& batch) const {
  throw Error(category::run_failed,
              words("the loss is not a finite number at step %lld (epoch %d), with the batch ",
                    static_cast<long long>(state_.summary.steps), epoch) +
                  join(inputs_.files_of(batch), ", "),
              "lower --learning-rate, or look at these images");
}

}  // namespace amltrain::engine
